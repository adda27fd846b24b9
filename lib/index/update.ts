import { freemem } from 'node:os'
import { join } from 'node:path'
import { print } from '../core/console.ts'
import { DuckDB } from '../core/duckdb.ts'
import { describeError } from '../core/errors.ts'
import { makeFolder, remove } from '../core/files.ts'
import { plural, showSeconds } from '../core/units.ts'
import { updateSummaries } from '../lake/summaries.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import { writeLakeLists } from './lake-lists.ts'
import { buildMonth, removeMonth } from './month.ts'
import { type IndexPlan, type Month, planIndex, showMonth } from './plan.ts'
import { type IndexedMonth, type LakeLists, writeRecord } from './record.ts'

/** Maximum memory for sorting a month, in bytes. Larger months need temporary files, so 5 million alerts take 12 s. */
const MEMORY = 350 << 20

/**
 * Brings the index and the lists of the lake's files up to date, and prints a line per month. Call only while holding
 * the lake's lock.
 *
 * @returns parts of an error message; empty if everything was made
 */
export async function updateIndex(paths: Paths, threads: number): Promise<string[]> {
  // Return errors instead of throwing, because the caller may have others to report, such as nights that were not converted.
  return update(paths, threads).catch((error: Error) => [describeError(error)])
}

async function update(paths: Paths, threads: number): Promise<string[]> {
  await updateSummaries(paths, await inLake(paths, () => true))
  const plan = await planIndex(paths)
  await remove(paths.indexStaging)
  await makeFolder(paths.indexStaging)
  const memory = Math.min(MEMORY, freemem() / 2)
  const database = await DuckDB.open({ threads, memory, temporary: join(paths.indexStaging, 'tmp') })
  try {
    return await new IndexUpdate(database, paths, plan).run()
  } finally {
    database.close()
    await remove(paths.indexStaging)
  }
}

class IndexUpdate {
  private readonly database: DuckDB
  private readonly paths: Paths
  private readonly plan: IndexPlan
  private readonly months: Record<string, IndexedMonth>
  private lists: LakeLists | undefined
  private failed = 0

  constructor(database: DuckDB, paths: Paths, plan: IndexPlan) {
    this.database = database
    this.paths = paths
    this.plan = plan
    this.months = { ...plan.record.months }
    this.lists = plan.record.lists
  }

  async run(): Promise<string[]> {
    const { paths, plan } = this
    for (const name of plan.gone) {
      delete this.months[name]
      await this.record()
      await removeMonth(paths, name)
    }
    for (const month of plan.stale) await this.build(month).catch(this.recordFailure(showMonth(month.name)))
    if (plan.listsAreStale) await this.writeLists().catch(this.recordFailure('the list of files'))
    return this.failed > 0 ? [`${plural(this.failed, 'part')} of the index failed: run make index again`] : []
  }

  private async build(month: Month): Promise<void> {
    const start = performance.now()
    const built = await buildMonth(this.database, this.paths, month)
    this.months[month.name] = built
    await this.record()
    print(
      `indexed   ${showMonth(month.name)}  ${plural(month.nights.length, 'night')}  ${plural(built.alerts, 'alert')}  ` +
        showSeconds((performance.now() - start) / 1000),
    )
  }

  private async writeLists(): Promise<void> {
    const nights = this.plan.listed.map(({ night }) => night)
    this.lists = { inputs: this.plan.listInputs, ...(await writeLakeLists(this.database, this.paths, nights)) }
    await this.record()
  }

  private async record(): Promise<void> {
    await writeRecord(this.paths, { months: this.months, ...(this.lists && { lists: this.lists }) })
  }

  private recordFailure(part: string): (error: Error) => void {
    return error => {
      this.failed++
      print(`FAILED    ${part}  it was not indexed: ${describeError(error)}`)
    }
  }
}
