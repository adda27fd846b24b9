import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { writeListingFile } from '../../lib/archive/listing-file.ts'
import { writeUrlLists } from '../../lib/archive/url-lists.ts'
import { exists, sha256Of } from '../../lib/core/files.ts'
import { checkTree } from '../../lib/lake/check-tree.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { type Night, partition } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import * as damage from '../../lib/synthetic/damage.ts'
import { emptyNight, makeNight } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { PROJECT, type Ran, run, runScript } from '../support/run.ts'

const NIGHTS = [
  makeNight({ night: '20191003', alerts: 7 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 3 }),
  makeNight({ night: '20200307', alerts: 5, damage: { 2: damage.wiped } }),
  makeNight({ night: '20210401', alerts: 4 }),
  emptyNight('20180710', 'tar'),
]
const [FIRST, , DAMAGED, LAST] = NIGHTS.map(({ name }) => nightOf(name)) as [Night, Night, Night, Night]

test('a lake as it was written is right, and the check says how much it has looked at', async t => {
  const paths = await lake(t)
  for (const env of [{}, { DEEP: '1' }] as Record<string, string>[]) {
    const { status, out, err } = await script('check', paths, env)
    assert.deepEqual([status, err], [0, ''])
    const compared = env.DEEP ? ', 5 of them against their tarballs' : ''
    assert.match(
      out,
      new RegExp(
        `^5 nights, 18 alerts, [\\d.]+ \\wiB checked in [\\d.]+ s \\([\\d.]+ \\wiB/s\\)${compared}: all as recorded\n$`,
      ),
    )
  }
  const before = await contents(paths)
  const { status, out, err } = await script('repair', paths)
  assert.deepEqual([status, out.split('\n').length, err], [0, 2, ''])
  assert.deepEqual(await contents(paths), before)
})

type Put = (paths: Paths, found: string) => Promise<string>

/** What may lie in the lake and be none of it, and where. */
const STRAYS: Record<string, [put: Put, found: string]> = {
  'a Parquet file of a right-looking name': [copied, `DAY/${FIRST.stem}-9999.parquet`],
  'a Parquet file of another name': [copied, 'DAY/part-0.parquet'],
  'a Parquet file of a night of another date': [copied, `DAY/${LAST.stem}-0000.parquet`],
  'an empty file': [emptyFile, 'DAY/_SUCCESS'],
  'a hidden file': [emptyFile, 'DAY/.hidden'],
  'a folder in a partition': [folder, 'DAY/more'],
  'a link in a partition': [linkTo('/etc/hosts'), 'DAY/link.parquet'],
  'a link that leads nowhere': [linkTo('nowhere'), 'DAY/link'],
  'a link to a recorded file, in its place': [replaced, 'DAY'],
  'a file in the root of the lake': [emptyFile, 'notes.txt'],
  'a folder in the root of the lake': [folder, 'old'],
  'a link into the lake': [linkTo('year=2019'), 'year=1999'],
  'a link to nothing by the name of a year': [linkTo('nowhere'), 'year=1998'],
  'a day of no date': [folder, 'year=2019/month=02/day=31'],
  'a file beside months': [emptyFile, 'year=2019/x.parquet'],
  'a manifest of no night': [emptyFile, '_manifest/x.json'],
  'a manifest of which the name ends twice': [emptyFile, `_manifest/${FIRST.stem}.json.json`],
  'a folder among the manifests': [folder, '_manifest/more'],
}

for (const [what, [put, found]] of Object.entries(STRAYS))
  test(`${what} is found, and nothing else`, async t => {
    const paths = await dataFolder(t)
    const { files } = await convert(paths, NIGHTS[0] ?? assert.fail())
    const recorded = new Map([[FIRST.stem, new Set(files.map(({ name }) => name))]])
    const look = (selection: (date: string) => boolean) => checkTree(paths, selection, recorded)
    assert.equal((await look(() => true)).orphans.size, 0)
    const stray = await put(paths, found)
    const { orphans, incomplete, leftovers } = await look(() => true)
    assert.deepEqual([[...orphans.keys()], incomplete.size, leftovers.length], [[stray], 0, 0])
    const inPartition = dirname(join(paths.lake, stray)) === paths.partition(FIRST)
    assert.equal((await look(() => false)).orphans.size, inPartition ? 0 : 1)
  })

test('a check names all that is in no manifest, and a repair moves it aside', async t => {
  const paths = await lake(t)
  const before = await contents(paths)
  const strays: string[] = []
  for (const [put, found] of Object.values(STRAYS)) strays.push(join(paths.lake, await put(paths, found)))
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(err, new RegExp(`^error: ${strays.length} things in \\S+ are in no manifest: make repair [^\n]+\n$`))
  assert.deepEqual([...out.matchAll(/^ORPHAN {4}(\S+) /gm)].map(([, path]) => path).sort(), strays.toSorted())

  const repaired = await script('repair', paths)
  assert.equal(repaired.status, 0)
  const moved = [...repaired.out.matchAll(/^moved {5}(\S+) to (\S+), as it is /gm)]
  assert.deepEqual(moved.map(([, path]) => path).sort(), strays.toSorted())
  for (const [, , to = ''] of moved) assert.ok(await exists(to), to)
  // The one that was in the place of a file.
  await script('lake', paths, {}, [FIRST.stem])
  assert.equal((await script('check', paths)).status, 0)
  assert.deepEqual(await contents(paths), before)
})

test('a stray goes beside another that was moved before', async t => {
  const paths = await lake(t)
  for (const text of ['one', 'two']) {
    await writeFile(join(paths.lake, 'notes.txt'), text)
    await script('repair', paths)
  }
  const texts = ['notes.txt', 'notes.txt-2'].map(name => readFile(join(paths.orphans, name), 'utf8'))
  assert.deepEqual(await Promise.all(texts), ['one', 'two'])
})

test('a month that is a link to another disk is part of the lake', async t => {
  const paths = await lake(t)
  const month = dirname(paths.partition(FIRST))
  await cp(month, join(paths.data, 'elsewhere'), { recursive: true })
  await rm(month, { recursive: true })
  await symlink(join(paths.data, 'elsewhere'), month)
  assert.equal((await script('check', paths)).status, 0)
  await writeFile(join(paths.partition(FIRST), 'x'), '')
  assert.match((await script('check', paths)).out, /^ORPHAN .*day=03\/x /m)
})

test('what a run that ended left hidden is told of, and is no fault', async t => {
  const paths = await lake(t)
  await mkdir(join(paths.staging, LAST.stem), { recursive: true })
  await writeFile(`${paths.manifest(LAST)}.part`, '{')
  const { status, out } = await script('check', paths)
  assert.deepEqual([status, out.match(/^left .*$/gm)?.length], [0, 2])
})

test('files of a night without a manifest are a night that failed, and only that is sent back', async t => {
  const paths = await lake(t)
  const before = await contents(paths)
  await rm(paths.manifest(FIRST))
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(
    out,
    new RegExp(`^FAILED +${FIRST.stem} +it has files in the lake, and no manifest: make lake, [^\n]+$`, 'm'),
  )
  assert.match(err, new RegExp(`^error: 1 night failed \\(${FIRST.stem}\\): make lake`))
  assert.match((await script('repair', paths)).out, /^1 night sent back: 1 to be converted from disk /m)
  await script('lake', paths, {}, [FIRST.stem])
  assert.deepEqual(await contents(paths), before)
})

test('a file that is gone, changed, cut or swapped fails its night alone; repaired, the lake is as it was', async t => {
  const paths = await lake(t)
  const before = await contents(paths)
  const packet = (await readManifest(paths, DAMAGED))?.damagedPackets[0]?.kept?.name ?? assert.fail()
  const spoils: [night: Night, path: string, spoil: (path: string, bytes: Buffer) => Promise<void>][] = [
    [LAST, await parquetOf(paths, LAST), path => rm(path)],
    [FIRST, paths.manifest(FIRST), (path, bytes) => writeFile(path, bytes.fill('x', 20, 21))],
    [DAMAGED, join(paths.badPackets(DAMAGED), packet), (path, bytes) => writeFile(path, bytes.subarray(5))],
    [FIRST, await parquetOf(paths, FIRST), async path => cp(await parquetOf(paths, LAST), path)],
  ]
  for (const [{ stem }, path, spoil] of spoils) {
    await spoil(path, await readFile(path))
    const { status, out } = await script('check', paths)
    assert.deepEqual([status, [...out.matchAll(/^FAILED +(\S+)/gm)].map(([, stem]) => stem)], [1, [stem]], path)
    assert.equal((await script('repair', paths)).status, 0)
    assert.ok(!existsSync(join(paths.manifests, `${stem}.json`)))
    assert.equal((await script('lake', paths, {}, [stem])).status, 0)
    assert.deepEqual(await contents(paths), before, path)
  }
})

test('a broken manifest stops neither the status nor other nights, and is named', async t => {
  const paths = await lake(t)
  await writeFile(paths.manifest(FIRST), '{')
  const status = await script('status', paths)
  assert.equal(status.status, 0)
  assert.match(status.out, new RegExp(`^broken +${paths.manifest(FIRST)} is corrupt: [^\n]+: run make repair$`, 'm'))
  const goals = await runScript('goals', env(paths, { KEEP_TARS: 'no' }), ['lake'])
  assert.equal(goals.status, 0)
  const ran = await script(
    'lake',
    paths,
    { KEEP_TARS: 'no' },
    goals.out.split(/\s/).filter(name => name.endsWith('.gz')),
  )
  assert.deepEqual(
    [ran.status, ran.out.match(/^FAILED /gm)?.length, ran.out.match(/tarball removed$/gm)?.length],
    [1, 1, 4],
  )
  assert.match(ran.out, new RegExp(`^FAILED +${FIRST.stem} +${paths.manifest(FIRST)} is corrupt: `, 'm'))
  assert.ok(existsSync(paths.tarball(FIRST)))
})

test('a broken manifest stops no download of other nights, and its own is left to a repair', async t => {
  const paths = await lake(t)
  await listAll(paths)
  await writeFile(paths.manifest(FIRST), '{')
  for (const night of [FIRST, LAST]) await rm(paths.tarball(night))
  await rm(paths.manifest(LAST))
  const { status, out } = await runScript('goals', env(paths, {}), ['download'])
  assert.deepEqual([status, out], [0, `${LAST.name}\n`])
})

test('where there is no lake there is nothing to prove, and nothing is made', async t => {
  const paths = await dataFolder(t)
  for (const name of ['check', 'repair']) {
    const { status, out, err } = await script(name, paths)
    assert.deepEqual([status, out], [1, ''])
    assert.equal(err, `error: ${paths.lake} does not exist: was it moved, or is its disk not mounted?\n`)
  }
  assert.deepEqual(await readdir(paths.data), ['tarballs'])
})

test('a repair tells what is to be fetched, and looks at the selected nights alone', async t => {
  const paths = await lake(t)
  for (const night of [FIRST, LAST]) await rm(paths.partition(night), { recursive: true })
  await rm(paths.tarball(FIRST))
  assert.equal((await script('check', paths, { NIGHTS: '2020' })).status, 0)
  assert.match((await script('repair', paths, { NIGHTS: '2021' })).out, /^1 night sent back: 1 to be converted/m)
  assert.deepEqual([existsSync(paths.manifest(LAST)), existsSync(paths.manifest(FIRST))], [false, true])
  const unlisted = await script('repair', paths)
  assert.match(unlisted.out, /^1 night sent back: 1 to be converted from disk \(make lake\), 0 to be fetched first /m)
  assert.match(unlisted.out, new RegExp(`^kept +${FIRST.stem} +as it is: [^\n]+$`, 'm'))
  assert.match(unlisted.err, /^error: 1 night cannot be made again: [^\n]+\n$/)
  assert.ok(existsSync(paths.manifest(FIRST)))
  await listAll(paths)
  // In no list, as with make uris NIGHTS=2021, so that make download would not fetch it.
  await writeUrlLists(join(paths.data, 'uris'), [], 5)
  assert.match((await script('repair', paths)).out, new RegExp(`^kept +${FIRST.stem} `, 'm'))
  assert.ok(existsSync(paths.manifest(FIRST)))
  await listAll(paths)
  const { out } = await script('repair', paths)
  assert.match(
    out,
    /^1 night sent back: 0 to be converted from disk \(make lake\), 1 to be fetched first \(make download\)$/m,
  )
})

test('a night whose check is killed twice is reported, is not sent back, and the others are checked', async t => {
  const paths = await lake(t)
  const die = pathToFileURL(join(import.meta.dirname, 'support/die.mjs')).href
  const dying = { NODE_OPTIONS: `--import ${die}`, DIE_AT_CHECK: LAST.stem, WORKERS: '1' }
  await writeFile(paths.manifest(FIRST), '')
  const { status, out, err } = await script('repair', paths, dying)
  assert.equal(status, 1)
  assert.match(
    out,
    new RegExp(`^FAILED +${LAST.stem} +it was not checked: the process at work on it died twice: `, 'm'),
  )
  assert.match(err, /^error: 1 night could not be checked, and stay/)
  assert.deepEqual([existsSync(paths.manifest(LAST)), existsSync(paths.manifest(FIRST))], [true, false])
  const once = { ...dying, DIE_ONCE: join(paths.data, 'died') }
  assert.deepEqual((await script('check', paths, once)).out.match(/^FAILED +\S+/gm), [`FAILED    ${FIRST.stem}`])
  assert.ok(existsSync(once.DIE_ONCE))
})

test('make has both targets, and takes DEEP=1', async t => {
  const paths = await lake(t)
  const make = (...args: string[]) => run('make', ['-C', PROJECT, `DATA=${paths.data}`, ...args])
  const help = await make('help')
  for (const target of ['check', 'repair']) assert.match(help.out, new RegExp(`^ +make ${target} `, 'm'))
  assert.match((await make('check', 'DEEP=1')).out, / 5 of them against their tarballs: all as recorded\n/)
  await rm(paths.partition(LAST), { recursive: true })
  assert.equal((await make('check')).status, 2)
  assert.equal((await make('repair')).status, 0)
  assert.equal((await make('lake')).status, 0)
  assert.equal((await make('check')).status, 0)
})

/** A lake of all the nights. */
async function lake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  return paths
}

/** Lists all nights but the empty one. */
async function listAll(paths: Paths): Promise<void> {
  const listing = NIGHTS.slice(0, 4).map(({ name }) => {
    const [night, url] = [nightOf(name).date, `http://archive.invalid/${name}`]
    return { name, night, bytes: 1e6, modified: '', md5: '', url, kind: 'night' as const }
  })
  const uris = join(paths.data, 'uris')
  await writeListingFile(uris, listing)
  await writeUrlLists(uris, listing, 5)
}

function script(name: string, paths: Paths, more: Record<string, string> = {}, args: string[] = []): Promise<Ran> {
  return runScript(name, env(paths, more), args)
}

function env(paths: Paths, more: Record<string, string>): Record<string, string> {
  return { DATA: paths.data, URIS: join(paths.data, 'uris'), ...more }
}

async function parquetOf(paths: Paths, night: Night): Promise<string> {
  const [file = assert.fail()] = (await readManifest(paths, night))?.files ?? []
  return join(paths.partition(night), file.name)
}

/** Where something is to be put: below the lake, where DAY stands for a night's partition. */
async function below({ lake }: Paths, found: string): Promise<string> {
  const path = found.replace('DAY', partition(FIRST))
  await mkdir(dirname(join(lake, path)), { recursive: true })
  return path
}

async function emptyFile(paths: Paths, found: string): Promise<string> {
  const path = await below(paths, found)
  await writeFile(join(paths.lake, path), '')
  return path
}

async function folder(paths: Paths, found: string): Promise<string> {
  const path = await below(paths, found)
  await mkdir(join(paths.lake, path))
  return path
}

async function copied(paths: Paths, found: string): Promise<string> {
  const path = await below(paths, found)
  await cp(await parquetOf(paths, FIRST), join(paths.lake, path))
  return path
}

function linkTo(target: string): Put {
  return async (paths, found) => {
    const path = await below(paths, found)
    await symlink(target, join(paths.lake, path))
    return path
  }
}

async function replaced(paths: Paths): Promise<string> {
  const path = await parquetOf(paths, FIRST)
  await rename(path, join(paths.data, 'elsewhere'))
  await symlink(join(paths.data, 'elsewhere'), path)
  return path.slice(paths.lake.length + 1)
}

/** The SHA-256 of every file of the lake that readers see; of manifests what is the same each time. */
async function contents(paths: Paths): Promise<[path: string, what: string][]> {
  const entries = await readdir(paths.lake, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const what = async (path: string) =>
    path.endsWith('.json')
      ? (await readFile(path, 'utf8')).replace(/"(seconds|peakMemory|sha256)": [^\n]+/g, '')
      : sha256Of(path)
  return Promise.all(files.sort().map(async path => [path, await what(path)] as [string, string]))
}
