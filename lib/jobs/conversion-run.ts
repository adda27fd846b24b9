import { print } from '../core/console.ts'
import type { Sized } from '../core/share.ts'
import { updateCommonMetadata } from '../lake/common-metadata.ts'
import { readManifests } from '../lake/manifest.ts'
import { ignoredTarballs } from '../nights/ignored-tarballs.ts'
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

  constructor({ DATA }: Settings) {
    this.paths = new Paths(DATA)
    this.progress = new NightsProgress(this.paths)
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
   * Prints the totals and the tarballs that were ignored, and updates `_common_metadata`.
   * @returns stems of the nights that failed
   */
  async finish(): Promise<readonly string[]> {
    this.summary.close()
    const ignored = await ignoredTarballs(this.paths)
    if (ignored) print(ignored)
    await updateCommonMetadata(this.paths, await readManifests(this.paths, this.summary.extended))
    return this.summary.failed
  }
}

interface LocalConversion {
  add(nights: readonly (NightToConvert & Sized)[]): void
  /** Closes the queue, and waits until all added nights are done. */
  end(): Promise<void>
}
