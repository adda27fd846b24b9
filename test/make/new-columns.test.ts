import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readManifest, seal } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { script } from '../support/five-nights.ts'
import { futureNight } from '../support/future-night.ts'
import { ask } from '../support/lake-reader.ts'

const DOUBLE = futureNight('20260601', 'colour', 'double')
const STRING = futureNight('20260602', 'colour', 'string')
const OTHER_CASE = futureNight('20260603', 'Colour', 'double')
const AGE = futureNight('20260604', 'age', 'long')

test('gives each column one type, of whatever nights in parallel, and finds the same in the tarballs', async t => {
  const paths = await dataFolder(t)
  for (const { name, bytes } of [DOUBLE, STRING, OTHER_CASE, AGE]) await writeFile(join(paths.tarballs, name), bytes)
  assert.equal((await script('lake', paths, { WORKERS: '2' })).status, 0)
  assert.equal(existsSync(paths.columnClaims), false)
  const columns = await newColumns(paths)
  assert.equal(columns.length, 4)
  assert.equal(new Set(columns.map(name => name.toLowerCase())).size, 4)
  const { status, out } = await script('check', paths, { DEEP: '1' })
  assert.deepEqual([status, out.match(/4 of them against their tarballs: all intact$/m)?.length], [0, 1], out)
})

test('obeys the names of columns that a killed run published, but not those that it only claimed', async t => {
  const paths = await dataFolder(t)
  await convert(paths, DOUBLE)
  // As if another night, published at the same time, had overwritten the columns of the first.
  await rm(paths.commonMetadata)
  await rm(paths.columnClaims, { recursive: true })
  await mkdir(paths.columnClaims)
  await writeFile(join(paths.columnClaims, 'x'), 'a claim that nobody reads')
  for (const { name, bytes } of [STRING, AGE]) await writeFile(join(paths.tarballs, name), bytes)
  assert.equal((await script('lake', paths)).status, 0)
  assert.deepEqual(await newColumns(paths), ['age', 'colour', 'colour_string'])
  assert.equal((await script('check', paths)).status, 0)
})

test('converts nights although _common_metadata cannot be read, and writes it again', async t => {
  const paths = await dataFolder(t)
  await convert(paths, DOUBLE)
  await writeFile(paths.commonMetadata, 'garbage')
  await writeFile(join(paths.tarballs, STRING.name), STRING.bytes)
  assert.equal((await script('lake', paths)).status, 0)
  assert.deepEqual(await newColumns(paths), ['colour', 'colour_string'])
})

test('rebuilds the columns of all nights, also if only some nights are checked or repaired', async t => {
  const paths = await dataFolder(t)
  for (const night of [DOUBLE, AGE]) await convert(paths, night)
  const bytes = await readFile(paths.commonMetadata)
  for (const NIGHTS of ['20260601', '20260604']) {
    const [flipped, position] = [Buffer.from(bytes), bytes.indexOf(NIGHTS === '20260601' ? 'age' : 'colour')]
    flipped[position] = (flipped[position] as number) ^ 2
    await writeFile(paths.commonMetadata, flipped)
    const checked = await script('check', paths, { NIGHTS })
    assert.equal(checked.status, 1)
    assert.match(checked.out, /^FAILED +\S+_common_metadata {2}lacks the column \S+: make repair rebuilds it$/m)
    assert.equal((await script('repair', paths, { NIGHTS })).status, 0)
    assert.deepEqual(await readFile(paths.commonMetadata), bytes)
  }
})

test('finds nights of an earlier version whose columns clash, and converts the later ones again', async t => {
  const paths = await earlierLake(t, [DOUBLE, STRING, OTHER_CASE])
  const { status, out } = await script('check', paths)
  assert.equal(status, 1)
  assert.deepEqual(out.match(/^FAILED +ztf_public_\d+ .*/gm)?.sort(), [
    'FAILED    ztf_public_20260602  it has the column candidate.colour as Utf8, but ztf_public_20260601 has ' +
      'candidate.colour as Float64: run make repair, then make lake, to convert it again',
    'FAILED    ztf_public_20260603  it has the column candidate.Colour as Float64, but ztf_public_20260601 has ' +
      'candidate.colour as Float64: run make repair, then make lake, to convert it again',
  ])
  assert.match((await script('repair', paths)).out, /^2 nights to be converted again: 2 from the tarballs on disk/m)
  for (const name of ['lake', 'check']) assert.equal((await script(name, paths)).status, 0)
  assert.deepEqual(await newColumns(paths), ['Colour_double', 'colour', 'colour_string'])
})

test('names a manifest of another version and a field that it lacks, and reads all other nights', async t => {
  const paths = await dataFolder(t)
  for (const { name, bytes } of [DOUBLE, AGE]) await writeFile(join(paths.tarballs, name), bytes)
  assert.equal((await script('lake', paths)).status, 0)
  const night = nightOf(AGE.name)
  for (const field of ['newColumns', 'files'] as const) {
    const manifest = (await readManifest(paths, night)) ?? assert.fail()
    await writeFile(paths.manifest(night), seal({ ...manifest, [field]: undefined, version: 9 }))
    const sentence = `${paths.manifest(night)} has no valid field "${field}", which this version needs: run make repair`
    const runs = [
      { name: 'status', status: 0, line: new RegExp(`^broken +${sentence}$`, 'm') },
      { name: 'report', status: 0, line: /report\.html: 2 nights/ },
      { name: 'check', status: 1, line: new RegExp(`^FAILED +${night.stem} +${sentence}$`, 'm') },
      { name: 'sql', status: 0, line: /\b1\b/, settings: { Q: 'select count(*) as n from nights' } },
      { name: 'repair', status: 0, line: /^1 night to be converted again: 1 from the tarballs on disk/m },
      { name: 'lake', status: 0, line: new RegExp(`^converted +${night.stem} `, 'm') },
      { name: 'check', status: 0, line: /all intact$/m },
    ]
    for (const { name, status, line, settings } of runs) {
      const ran = await script(name, paths, settings)
      assert.equal(ran.status, status, ran.err)
      assert.match(ran.out, line)
      assert.doesNotMatch(ran.out + ran.err, /Cannot read properties/)
      if (name === 'sql') assert.equal(ran.err, `note: the answer lacks a night: ${sentence}\n`)
    }
  }
})

/** A lake in which each night was converted as if no other had columns of its own. */
async function earlierLake(t: TestContext, nights: readonly Tarball[]): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of nights) {
    await rm(paths.commonMetadata, { force: true })
    await rm(paths.columnClaims, { recursive: true, force: true })
    await convert(paths, night)
  }
  return paths
}

/** Names of the new columns at the top level, which must be those in the files. */
async function newColumns(paths: Paths): Promise<string[]> {
  const names = async (source: string) => {
    const rows = await ask(paths, `select column_name as name from (describe from ${source})`)
    return rows.map(({ name }) => String(name)).filter(name => /^(colour|age)/i.test(name))
  }
  const common = await names(`read_parquet('${paths.commonMetadata}')`)
  const all = await names('read_parquet(LAKE, union_by_name = true, hive_partitioning = false)')
  assert.deepEqual(common.toSorted(), all.toSorted())
  assert.deepEqual(await readdir(paths.staging).catch(() => []), [])
  return common
}
