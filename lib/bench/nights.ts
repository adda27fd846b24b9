import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
import { print } from '../core/console.ts'
import { statOptional } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { lakeBytes, type Manifest, readManifest } from '../lake/manifest.ts'
import { datesBetween, type Night, parseNight } from '../night.ts'
import { Paths } from '../paths.ts'
import { forecast } from '../plan/forecast.ts'
import { writeNight } from '../synthetic/large-night.ts'
import { nightName } from '../synthetic/night.ts'
import type { LakeFacts } from './timing.ts'

/** So many dates, one a day from the survey's first. */
export function datesOf(count: number): string[] {
  return [...datesBetween('20180601', '20991231')].slice(0, count)
}

/** Nights in a data folder of their own. */
export class BenchNights {
  readonly paths: Paths
  readonly nights: readonly Night[]

  constructor(folder: string, dates: readonly string[]) {
    this.paths = new Paths(folder)
    this.nights = dates.map(date => parseNight(nightName(date)) as Night)
  }

  /**
   * Nights of so many alerts, each as large and as hard to compress as a real one; made where they are not there yet.
   */
  static async of(folder: string, dates: readonly string[], alerts: number): Promise<BenchNights> {
    const made = new BenchNights(folder, dates)
    const { nights, paths } = made
    const missing = nights.filter(night => !existsSync(paths.tarball(night)))
    if (missing.length > 0) print(`making ${plural(missing.length, 'night')} of ${plural(alerts, 'alert')}`)
    for (const night of missing) await writeNight(paths.tarball(night), { night: night.date, alerts })
    // As after a download, which checks the MD5 on the way.
    for (const night of nights) await receiptOf(paths, night)
    return made
  }

  tarball(index: number): string {
    return this.paths.tarball(this.nights[index] as Night)
  }

  /** Bytes of the tarballs of the first so many nights. */
  async bytes(count = this.nights.length): Promise<number> {
    const stats = await Promise.all(this.nights.slice(0, count).map(night => statOptional(this.paths.tarball(night))))
    return stats.reduce((sum, stat) => sum + (stat?.size ?? 0), 0)
  }

  /** What the model of `make plan` says that a step of the first so many nights takes on this machine, in seconds. */
  async foretold(count: number, work: 'convert' | 'check'): Promise<number> {
    const stats = await Promise.all(this.nights.slice(0, count).map(night => statOptional(this.paths.tarball(night))))
    const sizes = stats.map(stat => ({ bytes: stat?.size ?? 0 }))
    // What is read is in memory, and what is written less than a disk takes.
    const site = { cores: availableParallelism(), nodes: 1, link: 1, disk: Number.POSITIVE_INFINITY }
    return forecast(sizes, site, { download: false, work }).seconds
  }

  /** What the manifests of those in the lake say. */
  async lakeFacts(): Promise<LakeFacts> {
    const found = await Promise.all(this.nights.map(night => readManifest(this.paths, night)))
    const manifests = found.filter(manifest => manifest !== undefined)
    const spoilt = manifests.find(({ state }) => state !== 'whole')
    if (spoilt) throw new Error(`${spoilt.tarball} became a night that is ${spoilt.state}, expected whole`)
    const sum = (of: (manifest: Manifest) => number) => manifests.reduce((total, manifest) => total + of(manifest), 0)
    return {
      memory: Math.max(...manifests.map(({ peakMemory }) => peakMemory)),
      ratio: sum(({ tarBytes }) => tarBytes) / sum(lakeBytes),
    }
  }

  /** The command that converts the first so many nights, as it would be typed with all of its settings. */
  lake(nights: number, workers: number, codec = 'snappy'): string {
    const dates = this.nights.length > nights ? this.nights.slice(0, nights).map(({ date }) => date) : []
    return this.make(`lake NIGHTS=${dates.join(',')} WORKERS=${workers} CODEC=${codec} ALERTS_PER_FILE=3000`)
  }

  /** A make command in the folder of these nights. */
  make(target: string): string {
    return `make ${target} DATA=${this.paths.data} URIS=${join(this.paths.data, 'uris')} KEEP_TARS=yes`
  }
}
