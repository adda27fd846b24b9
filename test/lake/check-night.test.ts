import assert from 'node:assert/strict'
import { copyFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { sha256Of } from '../../lib/core/files.ts'
import { type Checked, check } from '../../lib/jobs/check-worker.ts'
import type { Outcome } from '../../lib/jobs/worker.ts'
import { checkNight } from '../../lib/lake/check-night.ts'
import { type Manifest, readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import * as damage from '../../lib/synthetic/damage.ts'
import { emptyNight, makeNight } from '../../lib/synthetic/night.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'

const NIGHT = nightOf('ztf_public_20191003.tar.gz')
const TARBALL = makeNight({ night: NIGHT.date, alerts: 20 })

test('a night as it was written is right, and another tarball of its date is no matter', async t => {
  const { paths, manifest } = await threeFiles(t)
  const other = makeNight({ night: NIGHT.date, kind: 'programid3', alerts: 3 })
  const others = await convert(paths, other)
  await checkNight(paths, NIGHT, manifest)
  await checkNight(paths, nightOf(other.name), others)
})

test('an empty night is right, which has no partition', async t => {
  const paths = await dataFolder(t)
  const empty = emptyNight('20200101', 'tar')
  await checkNight(paths, nightOf(empty.name), await convert(paths, empty))
})

const [FIRST, SECOND] = [parquetOf(TARBALL, 0), parquetOf(TARBALL, 1)]

/** What may become of a night's files, and what is then said of which. */
const FAULTS: Record<string, [spoil: (folder: string) => Promise<void>, name: string, fault: RegExp]> = {
  'a flipped bit': [
    async folder => {
      const bytes = await readFile(join(folder, SECOND))
      const middle = bytes.length >> 1
      bytes[middle] = (bytes[middle] as number) ^ 1
      await writeFile(join(folder, SECOND), bytes)
    },
    SECOND,
    /has the SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}/,
  ],
  'a file that is cut': [folder => truncate(join(folder, SECOND), 1000), SECOND, /has 1000 bytes, expected \d+/],
  'a file that is gone': [folder => rm(join(folder, SECOND)), SECOND, /is missing, expected \d+ bytes/],
  'a partition that is gone': [folder => rm(folder, { recursive: true }), FIRST, /is missing, expected \d+ bytes/],
  'a file too many': [
    folder => copyFile(join(folder, SECOND), join(folder, parquetOf(TARBALL, 3))),
    parquetOf(TARBALL, 3),
    /is not in the manifest/,
  ],
  'two files that changed places': [
    async folder => {
      const [first, third] = [0, 2].map(i => join(folder, parquetOf(TARBALL, i)))
      await rename(first as string, join(folder, 'aside'))
      await rename(third as string, first as string)
      await rename(join(folder, 'aside'), third as string)
    },
    FIRST,
    /has (\d+ bytes, expected \d+|the SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64})/,
  ],
}

for (const [what, [spoil, name, fault]] of Object.entries(FAULTS))
  test(`${what} is found, in one sentence that says which, what was expected and what to do`, async t => {
    const { paths, manifest } = await threeFiles(t)
    const folder = paths.partition(NIGHT)
    await spoil(folder)
    const found = await checkNight(paths, NIGHT, manifest).then(
      () => '',
      (error: Error) => error.message,
    )
    const [start, end] = [`${join(folder, name)} `, ': run make repair']
    assert.ok(found.startsWith(start) && found.endsWith(end), found)
    assert.match(found.slice(start.length, -end.length), new RegExp(`^${fault.source}$`))
  })

test('a file with other rows than the manifest says is found, be its bytes those of the record', async t => {
  const { paths, manifest } = await threeFiles(t)
  const files = manifest.files.map(file => ({ ...file, alerts: file.alerts + 1 }))
  await assert.rejects(
    checkNight(paths, NIGHT, { ...manifest, members: 23, alerts: 23, files }),
    /-0000\.parquet has 7 rows, expected 8: /,
  )
})

test('a byte that changed is found wherever it is: in the manifest, a Parquet file or a damaged packet', async t => {
  const { paths, files } = await damagedNight(t)
  assert.equal(files.length, 4)
  const random = new Random(7)
  for (const path of files) {
    const bytes = await readFile(path)
    const ends = [0, 1, bytes.length - 2, bytes.length - 1]
    for (const at of [...ends, ...Array.from({ length: 40 }, () => random.int(0, bytes.length - 1))]) {
      const spoiled = Buffer.from(bytes)
      spoiled[at] = (bytes[at] as number) ^ (1 << random.int(0, 7))
      await writeFile(path, spoiled)
      const [fault, ...others] = await faults(paths, DAMAGED)
      assert.ok(fault?.startsWith(`${path} `) && others.length === 0, `byte ${at}: ${fault}`)
    }
    await writeFile(path, bytes)
  }
  assert.deepEqual(await faults(paths, DAMAGED), [])
})

test('each file that is gone is found, and what was put beside damaged packets', async t => {
  const { paths, files } = await damagedNight(t)
  for (const path of files) {
    await rename(path, `${paths.data}/aside`)
    assert.equal((await faults(paths, DAMAGED)).length, 1, path)
    await rename(`${paths.data}/aside`, path)
  }
  const stray = join(paths.badPackets(DAMAGED), 'stray')
  await writeFile(stray, '')
  assert.deepEqual(await faults(paths, DAMAGED), [`${stray} is not in the manifest`])
})

test('files that changed places between nights are found, and so are manifests', async t => {
  const paths = await dataFolder(t)
  const nights = ['20191003', '20210401'].map(night => makeNight({ night, alerts: 5 }))
  const [one, other] = nights.map(({ name }) => nightOf(name)) as [Night, Night]
  const manifests = await Promise.all(nights.map(night => convert(paths, night)))
  const [mine, theirs] = [one, other].map((night, i) => fileOf(paths, night, manifests[i] as Manifest, 0))
  for (const [a, b] of [
    [mine, theirs],
    [paths.manifest(one), paths.manifest(other)],
  ] as [string, string][]) {
    await swap(a, b)
    for (const [night, path] of [
      [one, a],
      [other, b],
    ] as const)
      assert.ok((await faults(paths, night))[0]?.startsWith(`${path} `), path)
    await swap(a, b)
    assert.deepEqual([await faults(paths, one), await faults(paths, other)], [[], []])
  }
})

/** What may be wrong with files that have the bytes of their records. */
const FORGED: Record<string, [select: (other: string) => string, fault: RegExp]> = {
  'an alert that is in two files': [
    other => `select * from file where candid <> (select min(candid) from file) union all (from ${other} limit 1)`,
    /has the alert \d+ of this night twice, expected once$/,
  ],
  'a file without a column': [() => 'select * exclude (publisher) from file', /lacks the column publisher$/],
  'a file that lacks a column inside another': [
    () => `select * replace (struct_pack(fileName := cutoutScience.fileName) as cutoutScience) from file`,
    /lacks the column cutoutScience\.stampData$/,
  ],
  'a file with a column of another type': [
    () => 'select * replace (candid::double as candid) from file',
    /has the column candid as Float64, expected Int64$/,
  ],
  'a file with a column of its own': [
    () => 'select *, 1 as own from file',
    /has the column own, which is neither one of the lake's nor listed as new in its manifest$/,
  ],
  'an alert without a candid': [
    () => 'select * replace (case when candid <> (select min(candid) from file) then candid end as candid) from file',
    /has 6 candids, expected 7$/,
  ],
}

for (const [what, [select, fault]] of Object.entries(FORGED))
  test(`${what} is found, though the manifest agrees with the bytes`, async t => {
    const { paths, manifest } = await threeFiles(t)
    await forge(
      paths,
      NIGHT,
      manifest,
      1,
      select(`read_parquet('${fileOf(paths, NIGHT, manifest, 0)}', hive_partitioning = false)`),
    )
    const found = await faults(paths, NIGHT)
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', fault)
  })

test("a night whose newer schema brought a column is right, and all of a night's faults are told", async t => {
  const paths = await dataFolder(t)
  const extra = {
    alert: [{ name: 'odd', type: { type: 'record', name: 'strange', fields: [{ name: 'flag', type: 'boolean' }] } }],
    prv_candidate: [{ name: 'tags', type: { type: 'array', items: ['null', 'string'] } }],
  }
  const night = makeNight({ night: NIGHT.date, alerts: 12, schemas: [{ version: '4.02', style: 'go', extra }] })
  const manifest = await convert(paths, night, { alertsPerFile: 5 })
  assert.deepEqual(manifest.newColumns.toSorted(), ['odd', 'odd.flag', 'prv_candidates.tags'])
  assert.deepEqual(await faults(paths, NIGHT), [])
  const files = manifest.files.map((_, i) => fileOf(paths, NIGHT, manifest, i))
  for (const file of files) await truncate(file, 10)
  const found = await faults(paths, NIGHT)
  assert.deepEqual(
    found.map(fault => fault.split(' ')[0]),
    files,
  )
})

test('a manifest that does not add up is found', async t => {
  const { paths, manifest } = await threeFiles(t)
  const forged: Partial<Manifest>[] = [{ members: 21 }, { alerts: 19, members: 19 }, { duplicates: 1, members: 21 }]
  for (const change of forged) {
    await writeManifest(paths, NIGHT, { ...manifest, ...change })
    assert.match((await faults(paths, NIGHT)).join(), /^\S+\.json counts 20 rows in its files, [^,]+, [^,]+, expected /)
  }
})

test('one value that was changed, and all records with it, is found in the tarball', async t => {
  const { paths, manifest } = await threeFiles(t)
  assert.deepEqual(await examined(paths, NIGHT, true), { stem: NIGHT.stem, faults: [], compared: true })
  const forged = fileOf(paths, NIGHT, manifest, 2)
  const [{ candid } = {}] = await query(`select max(candid) as candid from '${forged}'`)
  const changed = `struct_update(candidate, magpsf := candidate.magpsf + (candid = ${candid})::int::float)`
  await forge(paths, NIGHT, manifest, 2, `select * replace (${changed} as candidate) from file`)
  assert.deepEqual(await faults(paths, NIGHT), [])
  assert.deepEqual(await examined(paths, NIGHT, true), {
    stem: NIGHT.stem,
    faults: [`its alert ${candid} differs from its tarball`],
    compared: true,
  })
  assert.deepEqual(await readdir(paths.staging), [])
})

test('alerts that were lost or put in, and all records with them, are found in the tarball', async t => {
  const { paths, manifest } = await threeFiles(t)
  const [{ least } = {}] = await query(`select min(candid) as least from '${fileOf(paths, NIGHT, manifest, 1)}'`)
  const other = `select * replace (case when candid = ${least} then 7 else candid end as candid) from file`
  await forge(paths, NIGHT, manifest, 1, other)
  const { faults } = await examined(paths, NIGHT, true)
  assert.deepEqual(faults, ['its alert 7 is not in its tarball', `its alert ${least} is missing`])
})

test('other bytes with the same alerts are no fault', async t => {
  const { paths, manifest } = await threeFiles(t)
  for (const i of [0, 1, 2]) await forge(paths, NIGHT, manifest, i, 'from file')
  assert.deepEqual(await examined(paths, NIGHT, true), { stem: NIGHT.stem, faults: [], compared: true })
})

test('a tarball that is gone is not compared, and one that is not the one that was converted is told', async t => {
  const { paths } = await threeFiles(t)
  await writeFile(paths.tarball(NIGHT), makeNight({ night: NIGHT.date, alerts: 3 }).bytes)
  const [fault = ''] = (await examined(paths, NIGHT, true)).faults
  assert.match(fault, /^\S+\.tar\.gz has the md5 [0-9a-f]{32}, expected [0-9a-f]{32} as in the manifest$/)
  await rm(paths.tarball(NIGHT))
  assert.deepEqual(await examined(paths, NIGHT, true), { stem: NIGHT.stem, faults: [], compared: false })
})

const DAMAGED = nightOf('ztf_public_20200307.tar.gz')

/** A night with every kind of file there is: its manifest, two Parquet files and a damaged packet. */
async function damagedNight(t: TestContext): Promise<{ paths: Paths; files: string[] }> {
  const paths = await dataFolder(t)
  const night = makeNight({ night: DAMAGED.date, alerts: 5, damage: { 2: damage.wiped } })
  const manifest = await convert(paths, night, { alertsPerFile: 2 })
  const kept = manifest.damagedPackets.map(packet => join(paths.badPackets(DAMAGED), packet.kept?.name ?? ''))
  return {
    paths,
    files: [paths.manifest(DAMAGED), ...kept, ...manifest.files.map((_, i) => fileOf(paths, DAMAGED, manifest, i))],
  }
}

function fileOf(paths: Paths, night: Night, { files }: Manifest, index: number): string {
  return join(paths.partition(night), files[index]?.name ?? assert.fail())
}

async function faults(paths: Paths, night: Night): Promise<readonly string[]> {
  return (await examined(paths, night, false)).faults
}

/** What a process of the farm answers. */
async function examined({ data }: Paths, { stem }: Night, deep: boolean): Promise<{ stem: string } & Checked> {
  const outcomes = await new Promise<Outcome<Checked>[]>(resolve =>
    check({ data, deep, nights: [{ stem }] }, (_, outcomes) => resolve(outcomes)),
  )
  const [outcome = assert.fail()] = outcomes
  return 'error' in outcome ? assert.fail(outcome.error) : outcome
}

/** Writes one of a night's files anew, as a query of `file` gives it, and has its manifest agree. */
async function forge(paths: Paths, night: Night, was: Manifest, index: number, select: string): Promise<void> {
  const path = fileOf(paths, night, was, index)
  const source = `with file as (from read_parquet('${path}', hive_partitioning = false))`
  await query(`copy (${source} ${select}) to '${path}.new' (format parquet)`)
  await rename(`${path}.new`, path)
  const manifest = (await readManifest(paths, night)) ?? assert.fail()
  const { length: bytes } = await readFile(path)
  const record = { bytes, sha256: await sha256Of(path) }
  const files = manifest.files.map((file, i) => (i === index ? { ...file, ...record } : file))
  await writeManifest(paths, night, { ...manifest, files })
}

async function swap(one: string, other: string): Promise<void> {
  await rename(one, `${one}.aside`)
  await rename(other, one)
  await rename(`${one}.aside`, other)
}

async function threeFiles(t: TestContext): Promise<{ paths: Paths; manifest: Manifest }> {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, TARBALL, { alertsPerFile: 7 })
  assert.equal(manifest.files.length, 3)
  return { paths, manifest }
}
