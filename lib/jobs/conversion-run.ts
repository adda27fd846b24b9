import { print } from '../core/console.ts'
import type { Sized } from '../core/share.ts'
import { plural } from '../core/units.ts'
import { nightsInLake } from '../index/plan.ts'
import { updateCommonMetadata } from '../lake/common-metadata.ts'
import { finishMoves } from '../lake/move-away.ts'
import { removeStaging } from '../lake/publish.ts'
import { ignoredTarballs } from '../nights/ignored-tarballs.ts'
import { recordRun } from '../nights/runs.ts'
import { Paths } from '../paths.ts'
import { NightsProgress } from '../progress/nights.ts'
import type { Settings } from '../settings.ts'
import { Conversion } from './conversion.ts'
import type { NightToConvert } from './convert-worker.ts'
import { type NightResult, Summary } from './summary.ts'

/** Tracks the conversions of one command, and prints a line per night and the totals at the end. */
export class ConversionRun {
  readonly progress: NightsProgress
  private readonly paths: Paths
  private readonly summary = new Summary()

  /**
   * Begins a run. Adds the columns of killed runs that `_common_metadata` lacks, and removes their staging folders and what
   * is left of nights that they were moving away. Call only while holding the lake's lock.
   */
  static async begin({ DATA }: Settings): Promise<ConversionRun> {
    const paths = new Paths(DATA)
    // Nights that a killed run converted in parallel may have overwritten each other's columns. Look for them in every
    // run, because conversions take the names in use from this file.
    await updateCommonMetadata(paths, await nightsInLake(paths))
    await removeStaging(paths)
    await finishMoves(paths)
    return new ConversionRun(paths)
  }

  private constructor(paths: Paths) {
    this.paths = paths
    this.progress = new NightsProgress(paths)
  }

  /** Starts a worker pool on this host; nights are added later. */
  start(settings: Settings, onResult: (result: NightResult) => void = () => {}): LocalConversion {
    const conversion = new Conversion(settings, result => {
      this.record(result)
      onResult(result)
    })
    const add = (nights: readonly (NightToConvert & Sized)[]) => {
      this.progress.add(nights)
      conversion.add(nights)
    }
    return { add, end: () => conversion.end() }
  }

  record(result: NightResult): void {
    this.progress.end(result)
    this.summary.add(result)
  }

  /**
   * Prints and records the totals, prints the tarballs that were ignored, and updates `_common_metadata`. Removes the
   * claims of new columns, and what workers that died after publishing their nights have left.
   * @param command command to run again, e.g. `make lake`
   * @returns parts of an error message; empty if no night failed
   */
  async finish(command: string): Promise<string[]> {
    const run = this.summary.close()
    // Only the report needs the record: a full disk must not keep the caller from naming the nights that failed.
    if (run) await recordRun(this.paths, run).catch(() => {})
    const ignored = await ignoredTarballs(this.paths)
    if (ignored) print(ignored)
    if (this.summary.extended.length > 0) await updateCommonMetadata(this.paths, await nightsInLake(this.paths))
    await removeStaging(this.paths)
    const { failed, untried } = this.summary
    const others = untried > 0 ? `, and ${plural(untried, 'other')} not tried` : ''
    if (failed.length === 0) return []
    return [`${plural(failed.length, 'night')} failed (${failed.join(', ')})${others}: run ${command} again`]
  }
}

interface LocalConversion {
  add(nights: readonly (NightToConvert & Sized)[]): void
  /** Closes the queue, and waits until all added nights are done. */
  end(): Promise<void>
}
