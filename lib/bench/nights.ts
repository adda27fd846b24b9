import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
import { print } from '../core/console.ts'
import { plural } from '../core/units.ts'
import { lakeBytes, type Manifest, readManifest } from '../lake/manifest.ts'
import { datesBetween, type Night, parseNight } from '../night.ts'
import { Paths } from '../paths.ts'
import { forecast } from '../plan/forecast.ts'
import { writeNight } from '../synthetic/large-night.ts'
import { nightName } from '../synthetic/night.ts'
import type { LakeFacts } from './timing.ts'

/** The first `count` dates of the survey, `YYYYMMDD`. */
export function firstDates(count: number): string[] {
  return [...datesBetween('20180601', '20991231')].slice(0, count)
}

/** Synthetic nights in a data folder of their own. */
export class BenchNights {
  readonly paths: Paths
  readonly nights: readonly Night[]

  constructor(folder: string, dates: readonly string[]) {
    this.paths = new Paths(folder)
    this.nights = dates.map(date => parseNight(nightName(date)) as Night)
  }

  /** Nights whose alerts are as large and as hard to compress as real ones. Existing tarballs are reused. */
  static async create(folder: string, dates: readonly string[], alerts: number): Promise<BenchNights> {
    const bench = new BenchNights(folder, dates)
    const { nights, paths } = bench
    const missing = nights.filter(night => !existsSync(paths.tarball(night)))
    if (missing.length > 0) print(`making ${plural(missing.length, 'night')} of ${plural(alerts, 'alert')}`)
    for (const night of missing) await writeNight(paths.tarball(night), { night: night.date, alerts })
    // A download leaves these receipts; without them the conversion would compute the MD5s.
    for (const night of nights) await receiptOf(paths, night)
    return bench
  }

  tarball(index: number): string {
    return this.paths.tarball(this.nights[index] as Night)
  }

  /** Total bytes of the first `count` tarballs. */
  async bytes(count = this.nights.length): Promise<number> {
    return (await this.sizes(count)).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Wall seconds that `make plan` forecasts for the first `count` nights on this machine. */
  async predicted(count: number, work: 'convert' | 'check'): Promise<number> {
    // The page cache holds all of the bench's files, so the disk is no limit.
    const site = { cores: availableParallelism(), nodes: 1, link: 1, disk: Number.POSITIVE_INFINITY }
    return forecast(await this.sizes(count), site, { download: false, work }).seconds
  }

  async lakeFacts(): Promise<LakeFacts> {
    const found = await Promise.all(this.nights.map(night => readManifest(this.paths, night)))
    const manifests = found.filter(manifest => manifest !== undefined)
    const broken = manifests.find(({ state }) => state !== 'whole')
    if (broken) throw new Error(`${broken.tarball} was converted to a ${broken.state} night, expected a whole one`)
    const sum = (bytes: (manifest: Manifest) => number) =>
      manifests.reduce((total, manifest) => total + bytes(manifest), 0)
    return {
      memory: Math.max(...manifests.map(({ peakMemory }) => peakMemory)),
      ratio: sum(({ tarBytes }) => tarBytes) / sum(lakeBytes),
    }
  }

  /** Command that converts the first `count` nights, whatever the user's own settings are. */
  lake(count: number, workers: number, codec = 'snappy'): string {
    const dates = this.nights.length > count ? this.nights.slice(0, count).map(({ date }) => date) : []
    return this.make(`lake NIGHTS=${dates.join(',')} WORKERS=${workers} CODEC=${codec} ALERTS_PER_FILE=3000`)
  }

  make(target: string): string {
    return `make ${target} DATA=${this.paths.data} URIS=${join(this.paths.data, 'uris')} KEEP_TARS=yes`
  }

  private async sizes(count: number): Promise<{ bytes: number }[]> {
    const tarballs = this.nights.slice(0, count).map(night => this.paths.tarball(night))
    return Promise.all(tarballs.map(async tarball => ({ bytes: (await stat(tarball)).size })))
  }
}
