import { join, relative } from 'node:path'
import { print } from '../core/console.ts'
import { DuckDB } from '../core/duckdb.ts'
import { exists, mapLimit, remove, sha256Of, statOptional } from '../core/files.ts'
import { stageLakeLists } from '../index/lake-lists.ts'
import { listInputsOf, type Month, monthsOf, type NightInLake, showMonth } from '../index/plan.ts'
import { type IndexedMonth, type IndexRecord, type LakeLists, ORDERS, readRecord, recordText } from '../index/record.ts'
import { unseal } from '../lake/manifest.ts'
import type { Paths } from '../paths.ts'
import type { Copier } from './copier.ts'
import type { PublishedLake } from './published-lake.ts'
import { REMOTE } from './remote-paths.ts'

/**
 * Publishes the files that describe all nights at a target: the index, the lists of files and `_common_metadata`. The record
 * of their checksums, `index/_inputs.json`, is written last.
 */
export class TablesPublisher {
  private readonly paths: Paths
  private readonly lake: PublishedLake
  private readonly copier: Copier
  private readonly damaged: ReadonlySet<string>

  constructor(paths: Paths, lake: PublishedLake, copier: Copier, damaged: ReadonlySet<string>) {
    this.paths = paths
    this.lake = lake
    this.copier = copier
    this.damaged = damaged
  }

  async publish(threads: number): Promise<void> {
    const before = await this.copier.read(REMOTE.indexRecord)
    const record = unseal<IndexRecord>(before ?? '') ?? { months: {} }
    const commonMetadata = await this.publishCommonMetadata(record)
    const nights = this.lake.summaries()
    const months = await this.publishIndex(record, nights)
    const lists = await this.publishLists(record, nights, threads)
    const text = recordText({ months, lists, ...(commonMetadata && { commonMetadata }) })
    if (text !== before) await this.copier.putText(REMOTE.indexRecord, text)
  }

  private async publishCommonMetadata({ commonMetadata }: IndexRecord): Promise<string | undefined> {
    const { paths, lake, copier } = this
    if (!(await exists(paths.commonMetadata))) {
      if (lake.sizes.has(REMOTE.commonMetadata)) await copier.delete(REMOTE.commonMetadata)
      return undefined
    }
    const sha256 = await sha256Of(paths.commonMetadata)
    await this.put(REMOTE.commonMetadata, paths.commonMetadata, sha256, commonMetadata)
    return sha256
  }

  /**
   * Publishes the index of each month of which the target has exactly the candidates files from which the index was made.
   * Removes other months, which would lead to wrong alerts.
   */
  private async publishIndex(
    record: IndexRecord,
    nights: readonly NightInLake[],
  ): Promise<Record<string, IndexedMonth>> {
    const local = await readRecord(this.paths)
    const months = await mapLimit(monthsOf(nights), async (month): Promise<[string, IndexedMonth][]> => {
      const [made, there] = [local, record].map(({ months }) => months[month.name])
      if (made?.inputs === month.inputs && (await this.publishMonth(month, made, there))) return [[month.name, made]]
      return there?.inputs === month.inputs && this.isComplete(month, there) ? [[month.name, there]] : []
    })
    const published = Object.fromEntries(months.flat())
    const kept = new Set(Object.keys(published).flatMap(name => ORDERS.map(order => REMOTE.indexFile(order, name))))
    for (const path of this.lake.sizes.keys())
      if (/^index\/(objects|positions)\//.test(path) && !kept.has(path)) await this.copier.delete(path)
    return published
  }

  /** @returns false if the data folder lacks the index of the month */
  private async publishMonth(
    { name }: Month,
    { sha256 }: IndexedMonth,
    there: IndexedMonth | undefined,
  ): Promise<boolean> {
    const files = ORDERS.map(order => this.paths.indexFile(order, name))
    if ((await mapLimit(files, statOptional)).includes(undefined)) return false
    const isNew = await mapLimit(ORDERS, order =>
      this.put(REMOTE.indexFile(order, name), this.paths.indexFile(order, name), sha256[order], there?.sha256[order]),
    )
    if (isNew.includes(true)) print(`published the index of ${showMonth(name)}`)
    return true
  }

  private isComplete({ name }: Month, { sha256 }: IndexedMonth): boolean {
    return ORDERS.every(order => this.isThere(REMOTE.indexFile(order, name), sha256[order], sha256[order]))
  }

  private async publishLists(
    { lists }: IndexRecord,
    nights: readonly NightInLake[],
    threads: number,
  ): Promise<LakeLists> {
    const { lake, paths } = this
    const inputs = listInputsOf(nights)
    const isCurrent = (path: string) => lake.sizes.has(path) && !this.damaged.has(path)
    if (lists?.inputs === inputs && isCurrent(REMOTE.files) && isCurrent(REMOTE.checksums)) return lists
    const folder = join(paths.temporary, 'publish')
    const database = await DuckDB.open({ threads })
    try {
      const listed = lake.nights().map(({ night, manifest }) => ({ night, files: manifest.files }))
      const staged = await stageLakeLists(database, listed, folder)
      const { files, checksums } = staged
      await Promise.all([
        this.put(REMOTE.files, staged.filesPath, files, undefined),
        this.put(REMOTE.checksums, staged.checksumsPath, checksums, undefined),
      ])
      return { inputs, files, checksums }
    } finally {
      database.close()
      await remove(folder)
    }
  }

  /**
   * Puts a file unless the target has it.
   * @param recorded SHA-256 in the record at the target
   */
  private async put(path: string, file: string, sha256: string, recorded: string | undefined): Promise<boolean> {
    const bytes = (await statOptional(file))?.size ?? 0
    if (this.lake.sizes.get(path) === bytes && this.isThere(path, sha256, recorded)) return false
    await this.copier.put(path, relative(this.paths.data, file), { bytes, sha256 })
    return true
  }

  private isThere(path: string, sha256: string, recorded: string | undefined): boolean {
    return recorded === sha256 && this.lake.sizes.has(path) && !this.damaged.has(path)
  }
}
