import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { convertNight } from '../../lib/lake/convert.ts'
import type { LakeFile } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { writeNight } from '../../lib/synthetic/large-night.ts'
import { nightName } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf, SETTINGS } from '../support/data-folder.ts'
import { runIndexUpdate } from '../support/index-lake.ts'
import type { Row } from '../support/lake-reader.ts'
import { runPython } from '../support/python.ts'
import { ARCHIVE, NO_ARCHIVE, realNights } from '../support/shared.ts'
import { NEWEST, NIGHTS } from '../support/spark-nights.ts'
import { assertSame, realTruth, type TruthRow, truthOf } from '../support/truth-rows.ts'

/** What test/python/spark.py prints. */
interface SparkOutput {
  readonly lakes: readonly BySpark[]
  /** Totals of the large lake, by default and with splits of 16 MiB. */
  readonly whole: Totals
  readonly split: Totals
}

interface BySpark {
  readonly types: Record<string, string>
  readonly rows: TruthRow[]
  readonly files: number
  readonly night: { readonly rows: number; readonly plan: string; readonly files: number }
  /** Alerts that have the field `future`, at the top level and in `candidate`. */
  readonly future: readonly [top: number, nested: number]
}

interface Totals {
  readonly rows: number
  /** Sums of the candids and of hashes of whole alerts, as text. */
  readonly candids: string
  readonly hashes: string
  /** Number of Spark tasks that read the lake. */
  readonly tasks: number
}

const LARGE_NIGHT = '20200301'
const LARGE_ALERTS = 1500

test('Spark, pyarrow, pandas, Polars and DuckDB read a lake at its root, Spark without any option', async t => {
  const paths = await syntheticLake(t)
  const real = NO_ARCHIVE ? undefined : await realLake(t)
  const lakes = [paths, ...(real ? [real] : [])].map(({ lake }) => lake)
  const large = await largeLake(t)
  const bySpark = (await runPython(
    'spark.py',
    'year = 2020 and month = 1 and day = 15',
    large.lake,
    ...lakes,
  )) as SparkOutput
  const [synthetic, archive] = bySpark.lakes
  const others = (await runPython('readers.py', ...lakes)) as Record<string, TruthRow[]>[]

  await t.test('Spark finds every value of every synthetic alert', () => {
    assertSame(synthetic?.rows ?? [], truthOf(...NIGHTS), 'Spark')
  })

  await t.test('Spark reads the partitions as integers, and candid as a long', () => {
    const { year, month, day, candid, candidate } = synthetic?.types ?? {}
    assert.deepEqual({ year, month, day, candid }, { year: 'int', month: 'int', day: 'int', candid: 'bigint' })
    assert.match(candidate ?? '', /[<,]candid:bigint,/)
  })

  await t.test('Spark reads only the files of the requested nights', () => {
    const { rows, plan, files } = synthetic?.night ?? {}
    assert.deepEqual([rows, files], [400, 2])
    assert.match(plan ?? '', /PartitionFilters: \[.*\(year#\d+ = 2020\), \(month#\d+ = 1/)
    assert.ok((synthetic?.files ?? 0) > 2)
  })

  await t.test('Spark reads a field that only the newest night has, at the top level and nested', () => {
    const count = (field: (values: Row) => unknown) =>
      NEWEST.alerts.filter(({ values }) => field(values) !== null).length
    const expected = [count(values => values.future), count(values => (values.candidate as Row).future)]
    assert.deepEqual(synthetic?.future, expected)
    assert.ok(expected.every(count => count > 0))
  })

  await t.test('Spark finds every alert once if several tasks read a file', async () => {
    const { whole, split } = bySpark
    assert.deepEqual([whole.rows, split.rows], [LARGE_ALERTS, LARGE_ALERTS])
    assert.deepEqual([split.candids, split.hashes], [whole.candids, whole.hashes])
    assert.deepEqual(
      large.files.map(({ bytes }) => bytes > 40e6),
      [true],
    )
    assert.ok(split.tasks >= 3, `${split.tasks} tasks`)
  })

  for (const name of ['pyarrow', 'pandas', 'Polars', 'DuckDB'])
    await t.test(`${name} finds every value of every synthetic alert`, () => {
      assertSame(others[0]?.[name] ?? [], truthOf(...NIGHTS), name)
    })

  await t.test('each finds the same real alerts as an independent reader', { skip: NO_ARCHIVE }, async () => {
    const truth = await realTruth(paths)
    for (const [name, rows] of Object.entries({ Spark: archive?.rows ?? [], ...others[1] }))
      assertSame(rows, truth, name)
    assert.equal(Object.keys(others[1] ?? {}).length, 4)
  })
})

async function syntheticLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night, { alertsPerFile: 250 })
  await addLists(paths)
  return paths
}

/** A lake of one file of more than 40 MB. */
async function largeLake(t: TestContext): Promise<{ lake: string; files: readonly LakeFile[] }> {
  const paths = await dataFolder(t)
  const night = nightOf(nightName(LARGE_NIGHT))
  await writeNight(paths.tarball(night), night.date, LARGE_ALERTS)
  const { files } = await convertNight(paths, night, SETTINGS, undefined)
  return { lake: paths.lake, files }
}

async function realLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of await realNights()) {
    await symlink(join(ARCHIVE, night.name), paths.tarball(night))
    await convertNight(paths, night, SETTINGS, undefined)
  }
  await addLists(paths)
  return paths
}

/** Puts the lists of files into the root of a lake, where readers must not take them for data. */
async function addLists(paths: Paths): Promise<void> {
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  for (const path of [paths.files, paths.checksums]) assert.ok(existsSync(path), path)
}
