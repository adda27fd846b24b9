import assert from 'node:assert/strict'
import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkNight, nightFaults } from '../../lib/lake/check-night.ts'
import { inspectManifest, type Manifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { Random } from '../../lib/synthetic/random.ts'
import * as damage from '../support/damage.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { fileOf, forge, NIGHT, TARBALL, threeFiles } from '../support/forged-night.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { emptyNight, makeNight } from '../support/night.ts'

test('accepts a night as it was written, next to the date’s other tarball', async t => {
  const { paths, manifest } = await threeFiles(t)
  const other = makeNight({ night: NIGHT.date, kind: 'programid3', alerts: 3 })
  const others = await convert(paths, other)
  await checkNight(paths, NIGHT, manifest)
  await checkNight(paths, nightOf(other.name), others)
})

test('accepts an empty night, which has no partition', async t => {
  const paths = await dataFolder(t)
  const empty = emptyNight('20200101', 'tar')
  await checkNight(paths, nightOf(empty.name), await convert(paths, empty))
})

test('finds no fault in a moved night because its files are absent, or because a crash has left some', async t => {
  const { paths, manifest } = await threeFiles(t)
  const left = fileOf(paths, NIGHT, manifest, 1)
  const bytes = await readFile(left)
  const moved = await move(paths, TARBALL)
  assert.deepEqual([moved.movedTo, await nightFaults(paths, NIGHT, moved)], [ADDRESS, []])
  await writeFile(left, bytes)
  await checkNight(paths, NIGHT, moved)
  const inconsistent = { ...moved, alerts: moved.alerts + 1 }
  assert.match((await nightFaults(paths, NIGHT, inconsistent))[0] ?? '', /json counts 20 rows in its files, 21 alerts/)
})

test('reports the damaged packets of a moved night that are missing', async t => {
  const paths = await dataFolder(t)
  const damaged = makeNight({ night: NIGHT.date, alerts: 6, damage: { 1: damage.wiped } })
  const { damagedPackets } = await convert(paths, damaged)
  const moved = await move(paths, damaged)
  assert.equal(damagedPackets.length, 1)
  assert.deepEqual(await nightFaults(paths, NIGHT, moved), [])
  await rm(paths.badPackets(NIGHT), { recursive: true })
  assert.match((await nightFaults(paths, NIGHT, moved)).join(), /is missing, expected \d+ bytes$/)
})

const [FIRST, SECOND] = [parquetOf(TARBALL, 0), parquetOf(TARBALL, 1)]

/** Damage to a night's files, with the name and the fault that is reported. */
const FAULTS: Record<string, [damage: (folder: string) => Promise<void>, name: string, fault: RegExp]> = {
  'a truncated file': [folder => truncate(join(folder, SECOND), 1000), SECOND, /has 1000 bytes, expected \d+/],
  'a missing file': [folder => rm(join(folder, SECOND)), SECOND, /is missing, expected \d+ bytes/],
  'a missing partition': [folder => rm(folder, { recursive: true }), FIRST, /is missing, expected \d+ bytes/],
  'an additional file': [
    folder => copyFile(join(folder, SECOND), join(folder, parquetOf(TARBALL, 3))),
    parquetOf(TARBALL, 3),
    /is not in the manifest/,
  ],
  'two swapped files': [
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

for (const [what, [damage, name, fault]] of Object.entries(FAULTS))
  test(`reports ${what}, with the path, what was expected and what to do`, async t => {
    const { paths, manifest } = await threeFiles(t)
    const folder = paths.partition(NIGHT)
    await damage(folder)
    const found = await checkNight(paths, NIGHT, manifest).then(
      () => '',
      (error: Error) => error.message,
    )
    const [start, end] = [`${join(folder, name)} `, ': run make repair']
    assert.ok(found.startsWith(start) && found.endsWith(end), found)
    assert.match(found.slice(start.length, -end.length), new RegExp(`^${fault.source}$`))
  })

test('reports a file with the recorded bytes but another number of rows', async t => {
  const { paths, manifest } = await threeFiles(t)
  const files = manifest.files.map(file => ({ ...file, alerts: file.alerts + 1 }))
  await assert.rejects(
    checkNight(paths, NIGHT, { ...manifest, members: 23, alerts: 23, files }),
    /-0000\.parquet has 7 rows, expected 8: /,
  )
})

test('reports any byte changed in the manifest, a Parquet file or a damaged packet', async t => {
  const { paths, files } = await damagedNight(t)
  assert.equal(files.length, 4)
  const random = new Random(7)
  for (const path of files) {
    const bytes = await readFile(path)
    const ends = [0, 1, bytes.length - 2, bytes.length - 1]
    for (const offset of [...ends, ...Array.from({ length: 12 }, () => random.int(0, bytes.length - 1))]) {
      const changed = Buffer.from(bytes)
      changed[offset] = (bytes[offset] as number) ^ (1 << random.int(0, 7))
      await writeFile(path, changed)
      const [fault, ...others] = await faults(paths, DAMAGED)
      assert.ok(fault?.startsWith(`${path} `) && others.length === 0, `byte ${offset}: ${fault}`)
    }
    await writeFile(path, bytes)
  }
  assert.deepEqual(await faults(paths, DAMAGED), [])
})

test('reports each missing file, and an unexpected one among the damaged packets', async t => {
  const { paths, files } = await damagedNight(t)
  for (const path of files.slice(1)) {
    await rename(path, `${paths.data}/aside`)
    assert.equal((await faults(paths, DAMAGED)).length, 1, path)
    await rename(`${paths.data}/aside`, path)
  }
  const unexpected = join(paths.badPackets(DAMAGED), 'unexpected')
  await writeFile(unexpected, '')
  assert.deepEqual(await faults(paths, DAMAGED), [`${unexpected} is not in the manifest`])
})

test('reports Parquet files and manifests swapped between nights', async t => {
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

/** Files with recorded checksums that are wrong nevertheless: a query that makes one, and the fault. */
const FORGED: Record<string, [select: (other: string) => string, fault: RegExp]> = {
  'an alert in two files': [
    other => `select * from file where candid <> (select min(candid) from file) union all (from ${other} limit 1)`,
    /has the alert \d+ of this night twice, expected once$/,
  ],
  'a file without a column': [() => 'select * exclude (publisher) from file', /lacks the column publisher$/],
  'a file without a nested column': [
    () => `select * replace (struct_pack(fileName := cutoutScience.fileName) as cutoutScience) from file`,
    /lacks the column cutoutScience\.stampData$/,
  ],
  'a file with a column of another type': [
    () => 'select * replace (candid::double as candid) from file',
    /has the column candid as Float64, expected Int64$/,
  ],
  'a file with an unknown column': [
    () => 'select *, 1 as unknown from file',
    /has the column unknown, which is neither one of the lake's nor listed as new in its manifest$/,
  ],
  'an alert without a candid': [
    () => 'select * replace (case when candid <> (select min(candid) from file) then candid end as candid) from file',
    /has 6 candids, expected 7$/,
  ],
}

for (const [what, [select, fault]] of Object.entries(FORGED))
  test(`reports ${what} although the manifest has its checksum`, async t => {
    const { paths, manifest } = await threeFiles(t)
    const other = `read_parquet('${fileOf(paths, NIGHT, manifest, 0)}', hive_partitioning = false)`
    await forge(paths, 1, select(other))
    const found = await faults(paths, NIGHT)
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', fault)
  })

test('accepts the new columns of a night, and reports every truncated file', async t => {
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

test('reports a manifest whose counts do not add up', async t => {
  const { paths, manifest } = await threeFiles(t)
  const forged: Partial<Manifest>[] = [{ members: 21 }, { alerts: 19, members: 19 }, { duplicates: 1, members: 21 }]
  for (const change of forged) {
    await writeManifest(paths, NIGHT, { ...manifest, ...change })
    assert.match((await faults(paths, NIGHT)).join(), /^\S+\.json counts 20 rows in its files, [^,]+, [^,]+, expected /)
  }
})

const DAMAGED = nightOf('ztf_public_20200307.tar.gz')

/** A night with every kind of file: its manifest, two Parquet files and a damaged packet. */
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

async function faults(paths: Paths, night: Night): Promise<string[]> {
  const manifest = (await inspectManifest(paths, night)) ?? assert.fail()
  return manifest instanceof Error ? [manifest.message] : nightFaults(paths, night, manifest)
}

async function swap(one: string, other: string): Promise<void> {
  await rename(one, `${one}.aside`)
  await rename(other, one)
  await rename(`${one}.aside`, other)
}
