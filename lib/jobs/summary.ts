import { print } from '../core/console.ts'
import { plural, showBytes, showCount, showSeconds } from '../core/units.ts'
import type { Run } from '../nights/runs.ts'

/** Result of one night. Cluster tasks report it as JSON. */
export interface NightResult {
  readonly stem: string
  readonly line: string
  readonly failed?: boolean
  /** Whether the night was not tried, because the disk is full. `line` is then empty and not printed. */
  readonly untried?: boolean
  /** Amounts of converted data; absent if the night failed or was already converted. */
  readonly amounts?: Amounts
  /** Whether the night has columns that are not in the lake's standard schema. */
  readonly extended?: boolean
}

/** Number of alerts in one night, and its size in bytes as tar.gz, as uncompressed tar and as Parquet. */
interface Amounts {
  readonly alerts: number
  readonly tarballBytes: number
  readonly tarBytes: number
  readonly lakeBytes: number
}

/** Prints a line for each night, and the totals at the end. */
export class Summary {
  /** Stems of the nights that failed. */
  readonly failed: string[] = []
  /** Number of nights that were not tried, because the disk is full. */
  untried = 0
  /** Stems of the nights with columns that are not in the lake's standard schema. */
  readonly extended: string[] = []
  private readonly began = performance.now()
  private readonly done: Amounts[] = []

  add({ stem, line, failed, untried, amounts, extended }: NightResult): void {
    if (untried) {
      this.untried++
      return
    }
    if (failed) this.failed.push(stem)
    if (amounts) this.done.push(amounts)
    if (extended) this.extended.push(stem)
    print(line)
  }

  /** Prints the totals. Returns the run for the report; undefined if it has converted nothing. */
  close(): Run | undefined {
    if (this.done.length === 0) return undefined
    const seconds = (performance.now() - this.began) / 1000
    print(closingLine(this.done, seconds))
    const [alerts, tarballBytes] = [total(this.done, 'alerts'), total(this.done, 'tarballBytes')]
    return { ended: Date.now(), seconds, nights: this.done.length, alerts, tarballBytes }
  }
}

function showAlertRate(rate: number): string {
  return `${rate < 10 ? rate.toFixed(1) : showCount(rate)} alerts/s`
}

function closingLine(done: readonly Amounts[], seconds: number): string {
  const [alerts, tar, lake] = [total(done, 'alerts'), total(done, 'tarBytes'), total(done, 'lakeBytes')]
  const ratio = lake > 0 ? `, ${(tar / lake).toFixed(2)} times smaller than the tar` : ''
  return (
    `${plural(done.length, 'night')} into the lake, ${plural(alerts, 'alert')}: ` +
    `${showBytes(total(done, 'tarballBytes'))} of tar.gz (${showBytes(tar)} of tar) became ${showBytes(lake)}${ratio}, ` +
    `in ${showSeconds(seconds)}, ${showAlertRate(alerts / seconds)}`
  )
}

function total(done: readonly Amounts[], name: keyof Amounts): number {
  return done.reduce((sum, amounts) => sum + amounts[name], 0)
}
