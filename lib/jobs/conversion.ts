import type { Sized } from '../core/share.ts'
import { lakeBytes, type Manifest } from '../lake/manifest.ts'
import { type Night, nightOfStem } from '../night.ts'
import { forgetFailure, recordFailure } from '../nights/failures.ts'
import { Paths } from '../paths.ts'
import type { Settings } from '../settings.ts'
import type { ConversionJob, Converted, NightToConvert } from './convert-worker.ts'
import { convertedLine } from './converted-line.ts'
import { runPool } from './pool.ts'
import { WorkQueue } from './queue.ts'
import type { NightResult } from './summary.ts'
import type { Outcome } from './worker.ts'

/** Converts nights in parallel on this host. */
export class Conversion {
  private readonly paths: Paths
  private readonly queue: WorkQueue<NightToConvert, ConversionJob>
  private readonly pool: Promise<void>
  private readonly onResult: (result: NightResult) => void | Promise<void>

  /** Starts the worker pool; nights are added later. */
  constructor(
    { DATA, WORKERS, CODEC, ALERTS_PER_FILE, KEEP_TARS }: Settings,
    onResult: (result: NightResult) => void | Promise<void>,
  ) {
    this.onResult = onResult
    this.paths = new Paths(DATA)
    const settings = { codec: CODEC, alertsPerFile: ALERTS_PER_FILE }
    this.queue = new WorkQueue({ data: DATA, settings, keepTarballs: KEEP_TARS === 'yes' }, WORKERS)
    this.pool = runPool('convert', this.queue, WORKERS, (outcome: Outcome<Converted>) => this.report(outcome))
  }

  add(nights: readonly (NightToConvert & Sized)[]): void {
    this.queue.add(nights)
  }

  /** Closes the queue, and waits until all added nights are done. */
  async end(): Promise<void> {
    this.queue.close()
    await this.pool
  }

  private async report(outcome: Outcome<Converted>): Promise<void> {
    const { stem } = outcome
    const night = nightOfStem(stem) as Night
    if ('error' in outcome && outcome.untried) return this.onResult({ stem, line: '', failed: true, untried: true })
    if ('error' in outcome) {
      await recordFailure(this.paths, night, outcome.error)
      return this.onResult({ stem, failed: true, line: `FAILED    ${stem}  ${outcome.error}` })
    }
    const { manifest, converted, tarball } = outcome
    await forgetFailure(this.paths, night)
    const line = converted ? convertedLine(stem, manifest) : `checked   ${stem}`
    const extended = manifest.newColumns.length > 0
    const end = tarball ? `  ${tarball}` : ''
    return this.onResult({ stem, line: line + end, extended, ...(converted && { amounts: amountsOf(manifest) }) })
  }
}

function amountsOf(manifest: Manifest) {
  const { alerts, tarballBytes, tarBytes } = manifest
  return { alerts, tarballBytes, tarBytes, lakeBytes: lakeBytes(manifest) }
}
