import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readManifest } from '../../lib/lake/manifest.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { alertsOf, ask, assertAlerts, parquetFiles, type Row } from '../support/lake-reader.ts'
import { type EmptyForm, emptyNight, makeNight } from '../support/night.ts'
import { hash, SCHEMAS } from '../support/tarballs.ts'

for (const arrays of ['plain', 'sized', 'split'] as const)
  test(`converts every field of every alert of all versions and writers in one night: ${arrays} arrays`, async t => {
    const paths = await dataFolder(t)
    const night = makeNight({ night: '20231012', alerts: 90, schemas: SCHEMAS, edges: 0.03, arrays })
    const manifest = await convert(paths, night)
    await assertAlerts(paths, night)
    assert.deepEqual(manifest.schemaVersions, { '1.8': 15, '3.1': 15, '3.3': 45, '4.02': 15 })
    assert.deepEqual([manifest.state, manifest.members, manifest.alerts], ['whole', 90, 90])
    const found = new Set(leaves(night.alerts.map(({ values }) => values)))
    for (const value of [Number.NaN, -Infinity, 2n ** 63n - 1n, -(2n ** 63n), '天文学 🔭', 'nul\0inside', '', null])
      assert.ok(found.has(value), `no ${value} in this night`)
    assert.ok([...leaves(night.alerts.map(({ values }) => values))].some(value => Object.is(value, -0)))
  })

test('converts stamps of real size byte for byte', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20240519', alerts: 40, stamps: 'real', kind: 'programid3' })
  await convert(paths, night)
  await assertAlerts(paths, night)
})

test('converts the alerts of a gzip member that follows zero padding', async t => {
  const paths = await dataFolder(t)
  const [first, second] = [2, 3].map(seed => makeNight({ night: '20200102', alerts: 3, first: 10 * seed, seed }))
  assert.ok(first && second)
  const bytes = Buffer.concat([first.bytes, Buffer.alloc(512), second.bytes])
  const manifest = await convert(paths, { ...first, bytes })
  assert.deepEqual([manifest.state, manifest.alerts], ['whole', 6])
  await assertAlerts(paths, { ...first, bytes, alerts: [...first.alerts, ...second.alerts] })
})

for (const form of ['nothing', 'gzip', 'tar', 'zeros'] as EmptyForm[])
  test(`records a night without alerts as empty, without files: ${form}`, async t => {
    const paths = await dataFolder(t)
    const night = emptyNight('20180710', form)
    const manifest = await convert(paths, night)
    assert.deepEqual([manifest.state, manifest.members, manifest.files], ['empty', 0, []])
    assert.equal(manifest.tarballBytes, night.bytes.length)
    assert.deepEqual(await parquetFiles(paths), [])
    assert.deepEqual(await readManifest(paths, nightOf(night.name)), manifest)
  })

test('writes a manifest that matches files and tarball', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const manifest = await convert(paths, night, { alertsPerFile: 7 })
  assert.deepEqual(await readManifest(paths, nightOf(night.name)), manifest)
  assert.deepEqual(
    (await parquetFiles(paths)).map(name => name.split('/').at(-1)),
    manifest.files.map(({ name }) => name),
  )
  for (const { name, bytes, sha256 } of manifest.files) {
    const file = await readFile(join(paths.partition(nightOf(night.name)), name))
    assert.deepEqual([file.length, hash('sha256', file)], [bytes, sha256])
  }
  assert.deepEqual([manifest.tarball, manifest.night, manifest.md5], [night.name, '20200601', hash('md5', night.bytes)])
  assert.deepEqual([manifest.tarballBytes, manifest.codec, manifest.alertsPerFile], [night.bytes.length, 'snappy', 7])
  assert.deepEqual(await readdir(paths.staging), [])
})

test('adds a column for an unknown field to that night, and unites by name with others', async t => {
  const paths = await dataFolder(t)
  const extra = {
    alert: [{ name: 'brightness', type: ['null', 'double'], default: null }],
    candidate: [{ name: 'odd', type: ['null', 'boolean'], default: null }],
    prv_candidate: [{ name: 'tags', type: { type: 'array', items: ['null', 'string'] } }],
  }
  const old = makeNight({ night: '20240519', alerts: 5 })
  const future = makeNight({ night: '20260601', alerts: 20, schemas: [{ version: '4.02', style: 'go', extra }] })
  assert.deepEqual((await convert(paths, old)).newColumns, [])
  const { newColumns } = await convert(paths, future)
  assert.deepEqual(newColumns.toSorted(), ['brightness', 'candidate.odd', 'prv_candidates.tags'])
  const [{ n, bright, odd } = {}] = await ask(
    paths,
    `select count(*)::int n, count(brightness)::int bright, count(candidate.odd)::int odd
     from read_parquet(LAKE, union_by_name=true)`,
  )
  const count = (is: (values: Row) => unknown) => future.alerts.filter(({ values }) => is(values) !== null).length
  assert.deepEqual([n, bright, odd], [25, count(row => row.brightness), count(row => (row.candidate as Row).odd)])
  const found = await alertsOf(paths, "filename like '%20260601%'")
  assert.deepEqual(
    found.map(row => [
      row.brightness,
      (row.candidate as Row).odd,
      (row.prv_candidates as Row[] | null)?.map(p => p.tags),
    ]),
    future.alerts.map(({ values: row }) => [
      row.brightness,
      (row.candidate as Row).odd,
      (row.prv_candidates as Row[] | null)?.map(p => p.tags),
    ]),
  )
})

function* leaves(value: unknown): Generator<unknown> {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value))
    for (const inner of Object.values(value)) yield* leaves(inner)
  else yield value
}
