import type { TestContext } from 'node:test'
import type { DuckDB } from '../../lib/core/duckdb.ts'
import type { Paths } from '../../lib/paths.ts'
import { LakeDatabase } from '../../lib/query/lake-database.ts'
import { convert, dataFolder } from './data-folder.ts'
import { makeIndex } from './index.ts'
import { plain, type Row } from './lake-reader.ts'
import { emptyNight, makeNight, type SyntheticNight } from './night.ts'

export const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12, edges: 0 }),
  makeNight({ night: '20191003', alerts: 7, edges: 0 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4, edges: 0 }),
  makeNight({ night: '20250325', alerts: 9, edges: 0, duplicates: [2] }),
] as const
export const [FIRST, , , LAST] = NIGHTS
export const ALERTS = NIGHTS.flatMap(({ alerts }: SyntheticNight) => alerts.filter(({ duplicate }) => !duplicate))

/** A lake of `NIGHTS` and one night without alerts, with an index. */
export async function queryLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of [...NIGHTS, emptyNight('20250326', 'tar')]) await convert(paths, night)
  await makeIndex(paths)
  return paths
}

/** Opens a lake until the end of the test. */
export async function openForTest(
  t: TestContext,
  paths: Paths,
  selection = (_: string) => true,
): Promise<LakeDatabase> {
  const database = await LakeDatabase.open(paths, selection)
  t.after(() => database.close())
  return database
}

export async function rowsOf(database: Pick<DuckDB, 'query'>, sql: string): Promise<Row[]> {
  return (await database.query(sql)).map(row => plain(row) as Row)
}
