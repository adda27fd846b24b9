import { print } from '../core/console.ts'
import { plural, showBytes, showCount, showSeconds } from '../core/units.ts'

/** What became of one night; it may have come from another host, as JSON. */
export interface NightResult {
  readonly stem: string
  /** What is said of it. */
  readonly line: string
  readonly failed?: boolean
  /** Of a night that was converted, and not only checked. */
  readonly amounts?: Amounts
  /** Whether it has columns that others lack. */
  readonly extended?: boolean
}

/** What closing lines add up; bytes, of the night's tarball, of the tar in it and of its Parquet files. */
interface Amounts {
  readonly alerts: number
  readonly tarballBytes: number
  readonly tarBytes: number
  readonly lakeBytes: number
}

/** Says a line for each night that is done, and one for all at the end. */
export class Summary {
  /** Stems of the nights that failed. */
  readonly failed: string[] = []
  /** Stems of those with columns that others lack. */
  readonly extended: string[] = []
  private readonly began = performance.now()
  private readonly done: Amounts[] = []

  add({ stem, line, failed, amounts, extended }: NightResult): void {
    if (failed) this.failed.push(stem)
    if (amounts) this.done.push(amounts)
    if (extended) this.extended.push(stem)
    print(line)
  }

  close(): void {
    if (this.done.length > 0) print(closingLine(this.done, (performance.now() - this.began) / 1000))
  }
}

function closingLine(done: readonly Amounts[], seconds: number): string {
  const sum = (name: keyof Amounts) => done.reduce((total, amounts) => total + amounts[name], 0)
  const [alerts, tar, lake] = [sum('alerts'), sum('tarBytes'), sum('lakeBytes')]
  const ratio = lake > 0 ? `, ${(tar / lake).toFixed(2)} times smaller than the tar` : ''
  return (
    `${plural(done.length, 'night')} into the lake, ${plural(alerts, 'alert')}: ` +
    `${showBytes(sum('tarballBytes'))} of tar.gz (${showBytes(tar)} of tar) became ${showBytes(lake)}${ratio}, ` +
    `in ${showSeconds(seconds)}, ${showCount(alerts / seconds)} alerts/s`
  )
}
