import { link } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { writeListingFile } from '../archive/listing-file.ts'
import { print } from '../core/console.ts'
import { makeFolder, mapLimit, remove } from '../core/files.ts'
import { plural, showCount } from '../core/units.ts'
import { monthsOf, nightsInLake } from '../index/plan.ts'
import { type IndexedMonth, ORDERS, readRecord, writeRecord } from '../index/record.ts'
import { updateIndex } from '../index/update.ts'
import { type CandidatesFile, writeManifest } from '../lake/manifest.ts'
import type { Paths } from '../paths.ts'
import { type LakeShape, monthOf, nightsOf, OBSERVED_DAYS, type SimulatedNight } from './lake-shape.ts'
import { sum } from './nights.ts'
import { SimulatedCandidates } from './simulated-candidates.ts'
import { type KnownAlert, LAKE_FILES, TemplateNight } from './template-night.ts'

/** ext4 allows 65,000 links per file. */
const MAX_LINKS = 60_000

type LinkedFile = CandidatesFile & { readonly path: string }

/** Makes a lake in which all nights link the same few Parquet files, and all months the same candidates and index. */
export class LakeBuilder {
  private readonly paths: Paths
  private readonly nights: readonly SimulatedNight[]
  private readonly template: TemplateNight
  private readonly temporary: string
  /** Candidates files by day of the month. */
  private readonly candidates = new Map<number, LinkedFile>()

  /**
   * Empties a folder and converts a night in it.
   * @param alerts number of alerts of the night that is converted
   */
  static async start(folder: string, paths: Paths, shape: LakeShape, alerts: number): Promise<LakeBuilder> {
    const nights = nightsOf(shape)
    const files = sum(nights.map(night => night.files))
    assertEnoughAlerts(alerts, files)
    await remove(folder)
    print(`making a lake of ${plural(nights.length, 'night')} with ${plural(files, 'file')} in ${folder}`)
    // The candid that is looked up must encode a night on which its object is observed.
    const lastMonth = monthOf(nights.at(-1) as SimulatedNight)
    const { night } = nights.find(night => monthOf(night) === lastMonth) as SimulatedNight
    const template = await TemplateNight.create(join(folder, 'template'), night, alerts)
    return new LakeBuilder(paths, nights, template, join(folder, 'tmp'))
  }

  private constructor(paths: Paths, nights: readonly SimulatedNight[], template: TemplateNight, temporary: string) {
    this.paths = paths
    this.nights = nights
    this.template = template
    this.temporary = temporary
  }

  async build(): Promise<KnownAlert> {
    await makeFolder(this.temporary)
    await this.writeCandidates()
    // Index the first and the last month, of which only the first may have all nights.
    const indexed = [this.nights.at(0), this.nights.at(-1)].map(night => monthOf(night as SimulatedNight))
    for (const night of this.nights) if (indexed.includes(monthOf(night))) await this.addNight(night)
    await bringIndexUpToDate(this.paths)
    print('linking the other months')
    for (const night of this.nights) if (!indexed.includes(monthOf(night))) await this.addNight(night)
    await this.linkIndex()
    await bringIndexUpToDate(this.paths)
    const listing = this.nights.map(({ night, files }) => this.template.listedFile(night, files))
    await writeListingFile(join(this.paths.data, 'uris'), listing)
    await remove(this.temporary)
    return this.template.knownAlert()
  }

  /** Writes the candidates of each day of a month. Their times are those of the last month that has the day. */
  private async writeCandidates(): Promise<void> {
    const { candidatesPath, files } = this.template
    const candidates = await SimulatedCandidates.open(candidatesPath, files, join(this.temporary, 'duckdb'))
    const days = [...new Map(this.nights.map(night => [night.day, night])).values()]
    for (const night of days) {
      print(`writing candidates, day ${night.day} of ${days.length}`)
      const path = join(this.temporary, `${night.day}.parquet`)
      const written = await candidates.write(night, OBSERVED_DAYS.includes(night.day), path)
      this.candidates.set(night.day, { ...written, path })
    }
    candidates.close()
  }

  private async addNight({ night, day, files }: SimulatedNight): Promise<void> {
    const { path, ...candidates } = this.candidates.get(day) as LinkedFile
    const manifest = { ...this.template.manifestOf(night, files), candidates }
    const folder = this.paths.partition(night)
    const links = manifest.files.map(({ name }, i) => [this.template.path(i), join(folder, name)] as const)
    await makeFolder(folder)
    await mapLimit(links, ([from, to]) => link(from, to))
    await makeFolder(dirname(this.paths.candidatesFile(night)))
    await link(path, this.paths.candidatesFile(night))
    await writeManifest(this.paths, night, manifest)
  }

  /** Links the index of the months that have one to the others, and records it as theirs. */
  private async linkIndex(): Promise<void> {
    const months = monthsOf(await nightsInLake(this.paths))
    const record = await readRecord(this.paths)
    const added: Record<string, IndexedMonth> = {}
    for (const { name, inputs, nights } of months.filter(({ name }) => !record.months[name])) {
      const source = months.find(month => record.months[month.name] && month.nights.length === nights.length)
      if (!source) throw new Error(`no month with an index has ${plural(nights.length, 'night')}`)
      for (const order of ORDERS) {
        const target = this.paths.indexFile(order, name)
        await makeFolder(dirname(target))
        await link(this.paths.indexFile(order, source.name), target)
      }
      added[name] = { ...(record.months[source.name] as IndexedMonth), inputs }
    }
    await writeRecord(this.paths, { months: { ...record.months, ...added } })
  }
}

/** Like `updateIndex`, but throws if a part fails. */
export async function bringIndexUpToDate(paths: Paths): Promise<void> {
  const [problem] = await updateIndex(paths, availableParallelism())
  if (problem) throw new Error(problem)
}

function assertEnoughAlerts(alerts: number, files: number): void {
  const min = (Math.ceil(files / MAX_LINKS) - 1) * LAKE_FILES.alertsPerFile + 1
  if (alerts < min)
    throw new Error(
      `BENCH has ${plural(alerts, 'alert')} per night: expected at least ${showCount(min)}, so that no file has more ` +
        `than ${showCount(MAX_LINKS)} links`,
    )
}
