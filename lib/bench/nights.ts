import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
import { print } from '../core/console.ts'
import { remove } from '../core/files.ts'
import { run } from '../core/shell.ts'
import { plural } from '../core/units.ts'
import { lakeBytes, readManifest } from '../lake/manifest.ts'
import { datesBetween, type Night, parseNight } from '../night.ts'
import { Paths } from '../paths.ts'
import { forecast } from '../plan/forecast.ts'
import { SETTINGS } from '../settings.ts'
import { writeNight } from '../synthetic/large-night.ts'
import { nightName } from '../synthetic/night.ts'
import type { LakeFacts, Trial } from './timing.ts'

/** The first `count` dates of the survey, `YYYYMMDD`. */
export function firstDates(count: number): string[] {
  return [...datesBetween('20180601', '20991231')].slice(0, count)
}

/** Command line for make on a data folder. Other settings get empty values, so that their defaults apply. */
export function makeCommand(target: string, data: string, settings: Record<string, string | number> = {}): string {
  const defaults = Object.fromEntries(Object.keys(SETTINGS).map(name => [name, '']))
  const given = Object.entries({ ...defaults, DATA: data, URIS: join(data, 'uris'), ...settings })
  return `make ${target} ${given.map(([name, value]) => `${name}=${value === '' ? '' : quote(String(value))}`).join(' ')}`
}

/** Quotes text for bash. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Synthetic nights in a separate data folder. Their alerts are as large and as hard to compress as real ones. */
export class BenchNights {
  readonly paths: Paths
  private readonly nights: readonly Night[]
  /** Number of alerts per night. */
  private readonly alerts: number
  private tarSizes: Promise<number[]> | undefined

  private constructor(paths: Paths, nights: readonly Night[], alerts: number) {
    this.paths = paths
    this.nights = nights
    this.alerts = alerts
  }

  /** Returns the nights of these dates, after creating the tarballs that are not in the folder yet. */
  static async create(folder: string, dates: readonly string[], alerts: number): Promise<BenchNights> {
    const paths = new Paths(folder)
    const nights = dates.map(date => parseNight(nightName(date)) as Night)
    const missing = nights.filter(night => !existsSync(paths.tarball(night)))
    if (missing.length > 0) print(`making ${plural(missing.length, 'night')} of ${plural(alerts, 'alert')}`)
    for (const night of missing) await writeNight(paths.tarball(night), night.date, alerts)
    // Write receipts, as a download does, because otherwise the conversion would compute the MD5s.
    for (const night of nights) await receiptOf(paths, night)
    return new BenchNights(paths, nights, alerts)
  }

  tarball(index: number): string {
    return this.paths.tarball(this.nights[index] as Night)
  }

  /** Totals for the first `count` nights. `bytes` is the size of their tarballs. */
  async size(count = this.nights.length): Promise<{ nights: number; alerts: number; bytes: number }> {
    const bytes = (await this.tarballs(count)).reduce((sum, tarball) => sum + tarball.bytes, 0)
    return { nights: count, alerts: count * this.alerts, bytes }
  }

  /** Total size of the uncompressed tars of the first `count` nights, in bytes. The first call inflates all nights. */
  async tarBytes(count: number): Promise<number> {
    this.tarSizes ??= Promise.all(
      this.nights.map(async night =>
        Number((await run('node', ['lib/bench/gunzip.js', this.paths.tarball(night)])).stdout),
      ),
    )
    return sum((await this.tarSizes).slice(0, count))
  }

  /** Trial that converts the first `count` nights into an empty lake. */
  async conversion(name: string, { count = this.nights.length, workers = 1, codec = 'snappy' } = {}): Promise<Trial> {
    const nights = count < this.nights.length ? this.nights.slice(0, count) : []
    return {
      name,
      ...(await this.size(count)),
      prepare: () => remove(this.paths.lake),
      command: this.make('lake', { NIGHTS: nights.map(({ date }) => date).join(','), WORKERS: workers, CODEC: codec }),
      predicted: await this.predicted(count, 'convert'),
      lake: () => this.lakeFacts(),
    }
  }

  /** Wall time that `make plan` forecasts for the first `count` nights on this machine, in seconds. */
  async predicted(count: number, work: 'convert' | 'check'): Promise<number> {
    // The benchmark's files fit in the page cache, so the disk is not a bottleneck.
    const site = { cores: availableParallelism(), nodes: 1, link: 1, disk: Number.POSITIVE_INFINITY }
    return forecast(await this.tarballs(count), site, { download: false, work }).seconds
  }

  make(target: string, settings: Record<string, string | number> = {}): string {
    return makeCommand(target, this.paths.data, settings)
  }

  private async lakeFacts(): Promise<LakeFacts> {
    const manifests = (await Promise.all(this.nights.map(night => readManifest(this.paths, night)))).flatMap(
      m => m ?? [],
    )
    const broken = manifests.find(({ state }) => state !== 'whole')
    if (broken) throw new Error(`${broken.tarball} was converted to a ${broken.state} night, expected a whole one`)
    return {
      memory: Math.max(...manifests.map(({ peakMemory }) => peakMemory)),
      ratio: sum(manifests.map(({ tarBytes }) => tarBytes)) / sum(manifests.map(lakeBytes)),
    }
  }

  private async tarballs(count: number): Promise<{ bytes: number }[]> {
    const paths = this.nights.slice(0, count).map(night => this.paths.tarball(night))
    return Promise.all(paths.map(async path => ({ bytes: (await stat(path)).size })))
  }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
