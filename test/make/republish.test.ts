import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, readdir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { query } from '../../lib/core/duckdb.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { nightOf, parquetOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { ask, plain } from '../support/lake-reader.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { Workspace } from '../support/workspace.ts'

const FORMER = makeNight({ night: '20191003', alerts: 20 })
const NEW = makeNight({ night: '20191003', alerts: 9, seed: 2 })
const OTHER = makeNight({ night: '20210401', alerts: 4 })
const NIGHT = nightOf(FORMER.name)

for (const [sums, files] of Object.entries({
  'another md5': {},
  'another size and date, without md5': { MD5SUMS: '' },
}))
  test(`notices, downloads and converts a republished night, with ${sums} in the listing`, async t => {
    const space = await inLake(t, files)
    const md5 = (await readManifest(space.paths, NIGHT))?.md5
    republish(space)

    const { out } = await space.make('uris')
    assert.match(out, new RegExp(`^republished since they were last listed: ${FORMER.name}$`, 'm'))
    assert.match((await space.make('status')).out, new RegExp(`^republished: ${FORMER.name}: `, 'm'))
    assert.equal((await space.make('-q download')).status, 1)
    space.asked()
    const download = await space.make('download -j3')
    assert.deepEqual([download.status, download.err], [0, ''])
    assert.deepEqual([...new Set(space.asked())], [NEW.name])
    assert.equal((await space.make('-q download')).status, 0)

    assert.equal((await space.make('-q lake')).status, 1)
    const lake = await space.make('lake')
    assert.deepEqual([lake.status, lake.err], [0, ''])
    assert.match(lake.out, new RegExp(`^converted ${NIGHT.stem} .*REPUBLISHED: replaces 20 alerts of ${md5}`, 'm'))
    await holdsNew(space)
    const manifest = await readManifest(space.paths, NIGHT)
    assert.deepEqual([manifest?.replaces?.md5, manifest?.replaces?.alerts], [md5, 20])
    for (const target of ['download', 'lake']) assert.equal((await space.make(`-q ${target}`)).status, 0, target)
    assert.match((await space.make('status')).out, /^ {2}republished +0$/m)
  })

test('make all replaces a republished night in one run, with or without its former tarball', async t => {
  for (const keep of ['yes', 'no']) {
    const space = await inLake(t)
    if (keep === 'no') await unlink(space.paths.tarball(NIGHT))
    republish(space)
    const { status, out, err } = await space.make(`all -j3 KEEP_TARS=${keep}`)
    assert.deepEqual([status, err], [0, ''], out)
    await holdsNew(space)
  }
})

test('does not convert a former tarball after its night was republished', async t => {
  const space = await Workspace.open(t, [FORMER])
  await space.make('uris')
  await space.make('download')
  republish(space)
  await space.make('uris')
  const { status, out } = await space.make('lake')
  assert.equal(status, 2)
  assert.match(out, /the archive has republished it since its download: run make download$/m)
  assert.equal((await space.make('all')).status, 0)
  await holdsNew(space)
})

test('converts a night again after a run that ended in the middle of its replacement', async t => {
  const space = await inLake(t)
  republish(space)
  await space.make('uris')
  await space.make('download')
  const kept = join(space.folder, 'former.json')
  await cp(space.paths.manifest(NIGHT), kept, { preserveTimestamps: true })
  await space.make('lake')
  const whole = await snapshot(space.paths.partition(NIGHT))
  // The run ends before the new manifest is written, or before the new files are in place.
  for (const undo of [async () => {}, () => rm(space.paths.partition(NIGHT), { recursive: true })]) {
    await cp(kept, space.paths.manifest(NIGHT), { preserveTimestamps: true })
    await undo()
    assert.equal((await space.make('lake')).status, 0)
    await holdsNew(space)
    assert.deepEqual([...(await snapshot(space.paths.partition(NIGHT))).keys()], [...whole.keys()])
  }
})

test('removes what a worker leaves in staging that dies after it has replaced a night', async t => {
  const space = await inLake(t)
  republish(space)
  const died = join(space.folder, 'died')
  const die = pathToFileURL(join(import.meta.dirname, '../support/die.mjs')).href
  const env = { NODE_OPTIONS: `--import ${die}`, DIE_AFTER: NIGHT.stem, DIE_ONCE: died }
  const { status, err } = await space.make('all', { env })
  assert.deepEqual([status, err], [0, ''])
  assert.ok(existsSync(died))
  await holdsNew(space)
  assert.deepEqual(existsSync(space.paths.staging) ? await readdir(space.paths.staging) : [], [])
})

/** Opens a workspace with an archive of two nights, both in the lake. */
async function inLake(t: TestContext, files: Record<string, string> = {}): Promise<Workspace> {
  const space = await Workspace.open(t, [FORMER, OTHER], files)
  assert.equal((await space.make('all -j3')).status, 0)
  return space
}

function republish(space: Workspace): void {
  space.publish(NEW.name, NEW.bytes)
  space.archive.modified.set(NEW.name, new Date('2026-08-01T12:00:00Z'))
}

async function holdsNew({ paths }: Workspace): Promise<void> {
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(NEW)])
  const [rows] = await ask(paths, `select list(candid order by candid) c from read_parquet(LAKE) where year = 2019`)
  assert.deepEqual(rows?.c, candidsOf(NEW))
  const folders = [paths.candidates, join(paths.index, 'objects'), join(paths.index, 'positions')]
  for (const folder of folders) {
    const [row] = await query(`select list(candid order by candid) c from '${folder}/year=2019/**/*.parquet'`)
    assert.deepEqual(plain(row?.c), candidsOf(NEW), folder)
  }
}

function candidsOf({ alerts }: SyntheticNight): bigint[] {
  return alerts.map(({ values }) => values.candid as bigint).sort((a, b) => (a < b ? -1 : 1))
}
