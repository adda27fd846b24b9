import { DuckDB, literalPath } from '../core/duckdb.ts'
import { describeError } from '../core/errors.ts'
import { remove, sha256Of } from '../core/files.ts'
import { plural } from '../core/units.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { candidatesOf, INDEX_COLUMNS } from './month.ts'
import { type Month, planIndex, showMonth } from './plan.ts'
import { type IndexedMonth, ORDERS } from './record.ts'

/** Faults of the index and of the lists of the lake's files. */
export interface IndexFaults {
  /** Parts that are missing or out of date, e.g. because a run was killed before it made them. */
  readonly missing: readonly string[]
  /** Damaged files, with their faults. */
  readonly damaged: ReadonlyMap<string, string>
}

/**
 * Checks that the index has the recorded bytes, and each alert of the candidates table once in each order, in the
 * months with selected nights. Also checks the bytes of the lists of the lake's files.
 */
export async function checkIndex(paths: Paths, selection: Selection, threads: number): Promise<IndexFaults> {
  const { months, stale, gone, withoutCandidates, listsAreStale, record } = await planIndex(paths)
  const isSelected = ({ nights }: Month) => nights.some(({ night }) => selection(night.date))
  const unindexed = withoutCandidates.filter(({ night }) => selection(night.date))
  const missing = [
    ...(unindexed.length > 0 ? [`${plural(unindexed.length, 'night')} of an earlier version`] : []),
    ...[...stale.filter(isSelected).map(({ name }) => name), ...gone].map(showMonth),
    ...(listsAreStale ? ['the list of files'] : []),
  ]
  const damaged = new Map<string, string>()
  const database = await DuckDB.open({ threads })
  try {
    for (const month of months.filter(month => isSelected(month) && !stale.includes(month)))
      for (const [path, fault] of await monthFaults(database, paths, month, record.months[month.name]))
        damaged.set(path, fault)
  } finally {
    database.close()
  }
  if (record.lists && !listsAreStale)
    for (const [path, sha256] of [
      [paths.files, record.lists.files],
      [paths.checksums, record.lists.checksums],
    ] as const)
      if ((await sha256Of(path)) !== sha256) damaged.set(path, 'has other bytes than were written')
  return { missing, damaged }
}

/**
 * Removes damaged files, so that `updateIndex` makes them again. Call after candidates files have been made again.
 *
 * @returns the files that stay, because candidates files of their month are damaged and they could not be made again
 */
export async function removeDamaged(paths: Paths, { damaged }: IndexFaults): Promise<string[]> {
  const kept = new Set<string>()
  for (const month of (await planIndex(paths)).months) {
    const files = ORDERS.map(order => paths.indexFile(order, month.name)).filter(path => damaged.has(path))
    if (files.length > 0 && !(await candidatesAreIntact(paths, month))) for (const path of files) kept.add(path)
  }
  for (const path of damaged.keys()) if (!kept.has(path)) await remove(path)
  return [...kept]
}

async function monthFaults(
  database: DuckDB,
  paths: Paths,
  month: Month,
  recorded: IndexedMonth | undefined,
): Promise<[path: string, fault: string][]> {
  const faults: [string, string][] = []
  const isComparable = await candidatesAreIntact(paths, month)
  for (const order of ORDERS) {
    const path = paths.indexFile(order, month.name)
    const fault =
      (await sha256Of(path)) === recorded?.sha256[order]
        ? isComparable && (await rowsFault(database, paths, month, path).catch(describeError))
        : 'has other bytes than were written'
    if (fault) faults.push([path, fault])
  }
  return faults
}

/**
 * Whether the candidates files of a month have the recorded bytes. If not, they may be what differs from the index, and
 * the index could not be made again.
 */
async function candidatesAreIntact(paths: Paths, { nights }: Month): Promise<boolean> {
  for (const { night, summary } of nights)
    if ((await sha256Of(paths.candidatesFile(night)).catch(() => '')) !== summary.candidates?.sha256) return false
  return true
}

/** Compares the rows of the index with those of the candidates files, by their number and the sum of their hashes. */
async function rowsFault(database: DuckDB, paths: Paths, month: Month, path: string): Promise<string | undefined> {
  const hashes = `count(*)::int as alerts, sum(hash(${INDEX_COLUMNS})::hugeint) as hash`
  const [found, expected] = [
    await database.query(`select ${hashes} from read_parquet(${literalPath(path)}, hive_partitioning = false)`),
    await database.query(`select ${hashes} from ${candidatesOf(paths, month)}`),
  ]
  const [[index], [table]] = [found, expected]
  if (index?.alerts !== table?.alerts) return `has ${index?.alerts} alerts, expected ${table?.alerts}`
  return index?.hash === table?.hash ? undefined : 'has other alerts than the candidates table'
}
