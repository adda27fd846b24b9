import type { Converting } from './converting.ts'
import { forgetFailure, recordFailure } from './failures.ts'
import { runFarm } from './farm.ts'
import { JobQueue, toConvert } from './jobs.ts'
import type { Listed } from './listing.ts'
import { lakeBytes, type Manifest } from './manifest.ts'
import { type Night, nightOfStem } from './night.ts'
import { Paths } from './paths.ts'
import { say } from './report.ts'
import type { Settings } from './settings.ts'
import type { Outcome } from './task.ts'
import { plural, showBytes, showCount, showSeconds } from './units.ts'
import type { ConversionJob, Converted, NightToConvert } from './worker.ts'

/** Damaged packets of a night that its line names. */
const TOLD = 10

/** Nights on their way into the lake, over all cores: a line for each that is done, and one for all at the end. */
export class Conversion {
  private readonly paths: Paths
  private readonly keeps: boolean
  private readonly listing: readonly Listed[]
  private readonly converting: Converting
  private readonly queue: JobQueue<NightToConvert, ConversionJob>
  private readonly farm: Promise<void>
  private readonly began = performance.now()
  private readonly done: Manifest[] = []
  private readonly failed: string[] = []

  /**
   * Begins with no night.
   * @param listing what the archive says of each night
   * @param converting is told which nights there are, and which are done
   */
  constructor(
    { DATA, WORKERS, CODEC, ALERTS_PER_FILE, KEEP_TARS }: Settings,
    listing: readonly Listed[],
    converting: Converting,
  ) {
    this.converting = converting
    this.paths = new Paths(DATA)
    const settings = { codec: CODEC, alertsPerFile: ALERTS_PER_FILE }
    this.keeps = KEEP_TARS === 'yes'
    this.listing = listing
    this.queue = new JobQueue({ data: DATA, settings, keepTarballs: this.keeps }, WORKERS)
    this.farm = runFarm('convert', this.queue, WORKERS, (outcome: Outcome<Converted>) => this.tell(outcome))
  }

  /** Adds nights to convert, whose tarballs are on disk. */
  async add(nights: readonly Night[]): Promise<void> {
    await this.queueUp(nights, false)
  }

  /** Adds nights in the lake whose tarballs are still there, to be checked and removed. */
  async addSpent(nights: readonly Night[]): Promise<void> {
    await this.queueUp(nights, true)
  }

  /** Waits for all that were added; returns the stems of those that failed. */
  async end(): Promise<readonly string[]> {
    this.queue.close()
    await this.farm
    if (this.done.length > 0) say(closingLine(this.done, (performance.now() - this.began) / 1000))
    return this.failed
  }

  private async queueUp(nights: readonly Night[], inLake: boolean): Promise<void> {
    const sized = await toConvert(this.paths, nights, this.listing, inLake)
    this.converting.add(sized)
    this.queue.add(sized)
  }

  private async tell(outcome: Outcome<Converted>): Promise<void> {
    const night = nightOfStem(outcome.stem) as Night
    this.converting.end(outcome.stem, 'error' in outcome)
    if ('error' in outcome) {
      this.failed.push(outcome.stem)
      await recordFailure(this.paths, night, outcome.error)
      say(`FAILED    ${outcome.stem}  ${outcome.error}`)
      return
    }
    const { manifest, converted, removed } = outcome
    if (converted) this.done.push(manifest)
    await forgetFailure(this.paths, night)
    const line = converted ? convertedLine(outcome.stem, manifest) : `checked   ${outcome.stem}`
    say(line + (removed ? '  tarball removed' : this.keeps ? '' : '  tarball kept, a better one may come'))
  }
}

function closingLine(done: readonly Manifest[], seconds: number): string {
  const sum = (of: (manifest: Manifest) => number) => done.reduce((total, manifest) => total + of(manifest), 0)
  const alerts = sum(({ alerts }) => alerts)
  const [tarballs, tar] = [sum(({ tarballBytes }) => tarballBytes), sum(({ tarBytes }) => tarBytes)]
  const lake = sum(lakeBytes)
  const ratio = lake > 0 ? `, ${(tar / lake).toFixed(2)} times smaller than the tar` : ''
  return (
    `${plural(done.length, 'night')} into the lake, ${plural(alerts, 'alert')}: ${showBytes(tarballs)} of tar.gz ` +
    `(${showBytes(tar)} of tar) became ${showBytes(lake)}${ratio}, in ${showSeconds(seconds)}, ` +
    `${showCount(alerts / seconds)} alerts/s`
  )
}

function convertedLine(stem: string, manifest: Manifest): string {
  const { alerts, tarballBytes, files, seconds } = manifest
  const size = `${showBytes(tarballBytes)} -> ${showBytes(lakeBytes(manifest))}`
  const line = `converted ${stem}  ${plural(alerts, 'alert')}  ${size}  ${plural(files.length, 'file')}  ${showSeconds(seconds)}`
  return [line, ...remarks(manifest)].join('  ')
}

function remarks({ state, salvage, replaces, damagedPackets, duplicates, newColumns }: Manifest): string[] {
  const remarks = []
  if (state === 'empty') remarks.push('an empty night')
  if (replaces) remarks.push(`PUBLISHED AGAIN: ${plural(replaces.alerts, 'alert')} of ${replaces.md5} replaced`)
  if (salvage) remarks.push(`SALVAGED: ${salvage}`)
  for (const { member, reason } of damagedPackets.slice(0, TOLD)) remarks.push(`DAMAGED: ${member}: ${reason}`)
  if (damagedPackets.length > TOLD)
    remarks.push(`DAMAGED: ${showCount(damagedPackets.length - TOLD)} more, see its manifest`)
  if (duplicates > 0) remarks.push(`${plural(duplicates, 'duplicate')} left out`)
  for (const column of newColumns) remarks.push(`NEW COLUMN: ${column}`)
  return remarks
}
