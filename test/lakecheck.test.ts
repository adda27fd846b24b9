import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { sha256Of } from '../lib/files.ts'
import { readManifest } from '../lib/manifest.ts'
import type { Paths } from '../lib/paths.ts'
import { convert, dataFolder, nightOf } from './support/data-folder.ts'
import { PROJECT, type Ran, run, runScript } from './support/run.ts'
import * as damage from './synthetic/damage.ts'
import { emptyNight, makeNight } from './synthetic/night.ts'

const NIGHTS = [
  makeNight({ night: '20191003', alerts: 7 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 3 }),
  makeNight({ night: '20200307', alerts: 5, damage: { 2: damage.wiped } }),
  makeNight({ night: '20210401', alerts: 4 }),
  emptyNight('20180710', 'tar'),
]
const [FIRST, , DAMAGED, LAST] = NIGHTS.map(({ name }) => nightOf(name)) as [Night, Night, Night, Night]
type Night = ReturnType<typeof nightOf>

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

/** What may lie in the lake and be none of it: where it is then found, below the lake. */
const STRAYS: Record<string, [put: (lake: string, day: string) => Promise<void>, found: string]> = {
  'a Parquet file of a right-looking name': [
    async (lake, day) => cp(await parquetIn(lake, day), join(lake, day, `${FIRST.stem}-9999.parquet`)),
    `DAY/${FIRST.stem}-9999.parquet`,
  ],
  'a Parquet file of another name': [
    async (lake, day) => cp(await parquetIn(lake, day), join(lake, day, 'part-0.parquet')),
    'DAY/part-0.parquet',
  ],
  'a Parquet file of a night of another date': [
    async (lake, day) => cp(await parquetIn(lake, day), join(lake, day, `${LAST.stem}-0000.parquet`)),
    `DAY/${LAST.stem}-0000.parquet`,
  ],
  'an empty file': [(lake, day) => writeFile(join(lake, day, '_SUCCESS'), ''), 'DAY/_SUCCESS'],
  'a hidden file': [(lake, day) => writeFile(join(lake, day, '.x'), ''), 'DAY/.x'],
  'a folder in a partition': [(lake, day) => folder(join(lake, day, 'more')), 'DAY/more'],
  'a link in a partition': [(lake, day) => symlink('/etc/hosts', join(lake, day, 'link.parquet')), 'DAY/link.parquet'],
  'a link that leads nowhere': [(lake, day) => symlink('nowhere', join(lake, day, 'x')), 'DAY/x'],
  'a link to a recorded file, in its place': [
    async (lake, day) => {
      const path = await parquetIn(lake, day)
      await rename(path, join(dirname(lake), 'elsewhere'))
      await symlink(join(dirname(lake), 'elsewhere'), path)
    },
    'FILE',
  ],
  'a file in the root of the lake': [lake => writeFile(join(lake, 'notes.txt'), ''), 'notes.txt'],
  'a folder in the root of the lake': [lake => folder(join(lake, 'old')), 'old'],
  'a link into the lake': [(lake, day) => symlink(dirname(dirname(day)), join(lake, 'year=1999')), 'year=1999'],
  'a day of no date': [lake => folder(join(lake, 'year=2020/month=02/day=31')), 'year=2020/month=02/day=31'],
  'a file beside months': [lake => writeFile(join(lake, 'year=2019/x.parquet'), ''), 'year=2019/x.parquet'],
  'a manifest of no night': [lake => writeFile(join(lake, '_manifest/x.json'), '{}'), '_manifest/x.json'],
  'a folder among the manifests': [lake => folder(join(lake, '_manifest/y')), '_manifest/y'],
}

for (const [what, [put, found]] of Object.entries(STRAYS))
  test(`${what} is named, and a repair moves it aside as it is`, async t => {
    const paths = await lake(t)
    const before = await contents(paths)
    const day = paths.partition(FIRST).slice(paths.lake.length + 1)
    const own = (await parquetIn(paths.lake, day)).slice(paths.lake.length + 1)
    await put(paths.lake, day)
    const stray = found.replace('DAY', day).replace('FILE', own)
    const { status, out, err } = await script('check', paths)
    assert.match(err, /^error: 1 thing in \S+ is in no manifest: make repair [^\n]+\n$/)
    assert.deepEqual([status, out.match(/^STRAY .*$/gm)?.length], [1, 1])
    assert.ok(out.includes(`STRAY     ${join(paths.lake, stray)}  `), out)

    const repaired = await script('repair', paths)
    assert.equal(repaired.status, 0)
    const moved = `moved     ${join(paths.lake, stray)} to ${join(paths.strays, stray)}, as it `
    assert.ok(repaired.out.startsWith(moved), repaired.out)
    assert.equal((await readdir(dirname(join(paths.strays, stray)))).length, 1)
    if (found === 'FILE') await script('lake', paths, {}, [FIRST.stem])
    assert.equal((await script('check', paths)).status, 0)
    assert.deepEqual(await contents(paths), before)
  })

test('a stray goes beside another that was moved before', async t => {
  const paths = await lake(t)
  for (const text of ['one', 'two']) {
    await writeFile(join(paths.lake, 'notes.txt'), text)
    await script('repair', paths)
  }
  const texts = ['notes.txt', 'notes.txt-2'].map(name => readFile(join(paths.strays, name), 'utf8'))
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
  assert.match((await script('check', paths)).out, /^STRAY .*day=03\/x /m)
})

test('what a run that ended left hidden is told of, and is no fault', async t => {
  const paths = await lake(t)
  await folder(join(paths.buildings, LAST.stem))
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
  assert.match(out, new RegExp(`^FAILED +${FIRST.stem} +it has files in the lake, and no manifest$`, 'm'))
  assert.match(err, new RegExp(`^error: 1 night failed \\(${FIRST.stem}\\): make repair `))
  assert.match((await script('repair', paths)).out, /^1 night sent back: 1 to be converted from disk /m)
  await script('lake', paths, {}, [FIRST.stem])
  assert.deepEqual(await contents(paths), before)
})

test('every file that is gone, cut, changed or swapped fails its night alone; repaired, the lake is as it was', async t => {
  const paths = await lake(t)
  const before = await contents(paths)
  const damaged = await readManifest(paths, DAMAGED)
  const files: [stem: string, path: string][] = []
  for (const { name } of NIGHTS.slice(0, 4)) {
    const night = nightOf(name)
    const manifest = (await readManifest(paths, night)) ?? assert.fail()
    files.push([night.stem, paths.manifest(night)])
    files.push(...manifest.files.map(file => [night.stem, join(paths.partition(night), file.name)] as [string, string]))
  }
  const packet = damaged?.damagedPackets[0]?.kept?.name ?? assert.fail()
  files.push([DAMAGED.stem, join(paths.badPackets(DAMAGED), packet)])
  for (const [i, [stem, path]] of files.entries()) {
    await spoil(path, files[(i + 1) % files.length]?.[1] ?? '', i)
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
  assert.match(
    status.out,
    new RegExp(`^broken +${paths.manifest(FIRST)} is not as it was written: [^\n]+: run make repair$`, 'm'),
  )
  const plan = await runScript('plan', env(paths, { KEEP_TARS: 'no' }), ['lake'])
  assert.equal(plan.status, 0)
  const ran = await script('lake', paths, { KEEP_TARS: 'no' }, plan.out.trim().split(' '))
  assert.deepEqual(
    [ran.status, ran.out.match(/^FAILED /gm)?.length, ran.out.match(/tarball removed$/gm)?.length],
    [1, 1, 4],
  )
  assert.match(ran.out, new RegExp(`^FAILED +${FIRST.stem} +${paths.manifest(FIRST)} is not as it was written: `, 'm'))
  assert.ok(existsSync(paths.tarball(FIRST)))
})

test('a repair tells what is to be fetched, and looks at the selected nights alone', async t => {
  const paths = await lake(t)
  for (const night of [FIRST, LAST]) await rm(paths.partition(night), { recursive: true })
  await rm(paths.tarball(FIRST))
  assert.equal((await script('check', paths, { NIGHTS: '2020' })).status, 0)
  assert.match((await script('repair', paths, { NIGHTS: '2021' })).out, /^1 night sent back: 1 to be converted/m)
  assert.deepEqual([existsSync(paths.manifest(LAST)), existsSync(paths.manifest(FIRST))], [false, true])
  const { out } = await script('repair', paths)
  assert.match(
    out,
    /^2 nights sent back: 0 to be converted from disk \(make lake\), 2 to be fetched first \(make download\)$/m,
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

/** A lake of all the nights, two files each. */
async function lake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  return paths
}

function script(name: string, paths: Paths, more: Record<string, string> = {}, args: string[] = []): Promise<Ran> {
  return runScript(name, env(paths, more), args)
}

function env(paths: Paths, more: Record<string, string>): Record<string, string> {
  return { DATA: paths.data, URIS: join(paths.data, 'uris'), ...more }
}

/** Removes, changes, cuts or swaps a file, in turn. */
async function spoil(path: string, other: string, turn: number): Promise<void> {
  const bytes = await readFile(path)
  const middle = bytes.length >> 1
  if (turn % 4 === 0) await rm(path)
  else if (turn % 4 === 1) await writeFile(path, bytes.fill((bytes[middle] as number) ^ 1, middle, middle + 1))
  else if (turn % 4 === 2) await writeFile(path, bytes.subarray(0, middle))
  else await cp(other, path)
}

async function parquetIn(lake: string, day: string): Promise<string> {
  const [name = assert.fail()] = (await readdir(join(lake, day))).sort()
  return join(lake, day, name)
}

async function folder(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
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
