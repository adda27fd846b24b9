import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync } from 'node:fs'
import { copyFile, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { TarReader } from '../../lib/alerts/tar.ts'
import { type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import { CODECS, type Codec } from '../../lib/lake/parquet.ts'
import type { Paths } from '../../lib/paths.ts'
import { encodePacket } from '../../lib/synthetic/avro.ts'
import * as damage from '../../lib/synthetic/damage.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import {
  type EmptyForm,
  emptyNight,
  expectedAlerts,
  makeNight,
  type NightOptions,
  type SyntheticNight,
  type Writing,
} from '../../lib/synthetic/night.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { packTar } from '../../lib/synthetic/tar.ts'
import { padded } from '../support/columns-reader.ts'
import { convert, dataFolder, nightOf, parquetOf, type Tarball } from '../support/data-folder.ts'
import { alertsOf, ask, type Row } from '../support/lake-reader.ts'

const WRITINGS: Writing[] = [
  { version: '1.8', style: 'python' },
  { version: '3.1', style: 'python' },
  { version: '3.3', style: 'python' },
  { version: '3.3', style: 'go' },
  { version: '3.3', style: 'go', indent: 2 },
  { version: '4.02', style: 'go' },
]

for (const arrays of ['plain', 'sized', 'split'] as const)
  test(`every field of every alert comes through, all versions and writers in one night: ${arrays} arrays`, async t => {
    const paths = await dataFolder(t)
    const night = makeNight({ night: '20231012', alerts: 90, writings: WRITINGS, edges: 0.03, arrays })
    const manifest = await convert(paths, night)
    await holds(paths, night)
    assert.deepEqual(manifest.schemaVersions, { '1.8': 15, '3.1': 15, '3.3': 45, '4.02': 15 })
    assert.deepEqual([manifest.state, manifest.members, manifest.alerts], ['whole', 90, 90])
    const seen = new Set(leaves(night.alerts.map(({ values }) => values)))
    for (const odd of [Number.NaN, -Infinity, 2n ** 63n - 1n, -(2n ** 63n), '天文学 🔭', 'nul\0inside', '', null])
      assert.ok(seen.has(odd), `no ${odd} in this night`)
    assert.ok([...leaves(night.alerts.map(({ values }) => values))].some(value => Object.is(value, -0)))
  })

test('more alerts than a batch and a row group hold come through, in the order of the tar', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 1234 })
  const manifest = await convert(paths, night)
  await holds(paths, night)
  const [file] = manifest.files
  const groups = await ask(
    paths,
    'select distinct row_group_id, row_group_num_rows n from parquet_metadata(LAKE) order by 1',
  )
  assert.deepEqual([file?.alerts, groups.map(group => group.n)], [1234, [375n, 375n, 375n, 109n]])
})

test('stamps of the real size come through byte for byte', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20240519', alerts: 40, stamps: 'real', kind: 'programid3' })
  await convert(paths, night)
  await holds(paths, night)
})

for (const form of ['nothing', 'gzip', 'tar', 'zeros'] as EmptyForm[])
  test(`a night without alerts is recorded as empty, and has no file: ${form}`, async t => {
    const paths = await dataFolder(t)
    const night = emptyNight('20180710', form)
    const manifest = await convert(paths, night)
    assert.deepEqual([manifest.state, manifest.members, manifest.files], ['empty', 0, []])
    assert.equal(manifest.tarballBytes, night.bytes.length)
    assert.deepEqual(await parquetFiles(paths), [])
    assert.deepEqual(await readManifest(paths, nightOf(night.name)), manifest)
  })

test('of a cut tar the whole alerts are in the lake, and the night is salvaged', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200113', alerts: 10, cutTar: { member: 6, bytes: 5000 } })
  const manifest = await convert(paths, night)
  await holds(paths, night, 6)
  const name = night.alerts[6]?.name
  assert.deepEqual([manifest.state, manifest.salvage], ['salvaged', `its tar is cut inside ${name}`])
})

test('a tar cut just between two members is salvaged too', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200113', alerts: 10, cutTar: { member: 6, bytes: 0 } })
  const manifest = await convert(paths, night)
  await holds(paths, night, 6)
  assert.equal(manifest.state, 'salvaged')
  assert.match(manifest.salvage ?? '', /^its tar lacks the blocks that end one/)
})

test('of a cut gzip exactly the whole alerts are in the lake, and the night is salvaged', async t => {
  const counts: number[] = []
  for (const cutGzip of [0.25, 0.5, 0.99]) {
    const paths = await dataFolder(t)
    const night = makeNight({ night: '20200202', alerts: 30, cutGzip })
    const manifest = await convert(paths, night)
    await holds(paths, night)
    assert.equal(manifest.state, 'salvaged')
    assert.match(manifest.salvage ?? '', /^its gzip stream is cut or damaged/)
    counts.push(manifest.alerts)
  }
  assert.ok(counts[0] && counts[1] && counts[2] && counts[0] < counts[1] && counts[1] < counts[2], `${counts}`)
})

test('a damaged packet is kept raw, counted and named, and the others are in the lake', async t => {
  const paths = await dataFolder(t)
  const options: NightOptions = { night: '20200307', alerts: 14 }
  const spoils = Object.values<damage.Damage>({ ...damage })
  const night = makeNight({ ...options, damage: Object.fromEntries(spoils.map((spoil, i) => [i + 2, spoil])) })
  const manifest = await convert(paths, night)
  await holds(paths, night, 4)
  const damaged = night.alerts.filter(({ readable }) => !readable)
  assert.equal(damaged.length, 10)
  assert.deepEqual([manifest.state, manifest.members, manifest.damaged], ['whole', 14, 10])
  assert.deepEqual(
    manifest.damagedPackets.map(({ member }) => member),
    damaged.map(({ name }) => name),
  )
  const folder = paths.badPackets(nightOf(night.name))
  const kept = manifest.damagedPackets.map(({ kept }) => kept?.name ?? '')
  assert.deepEqual((await readdir(folder)).sort(), kept.toSorted())
  const sound = packetsOf(makeNight(options))
  for (const [i, { reason, kept }] of manifest.damagedPackets.entries()) {
    assert.match(reason, /^[^\n]{10,200}$/)
    assert.ok(
      (await readFile(join(folder, kept?.name ?? ''))).equals((spoils[i] as damage.Damage)(sound[i + 2] as Buffer)),
    )
  }
})

test('a night of which no packet can be read is not converted, and says why', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200307', alerts: 2, damage: { 0: damage.wiped, 1: damage.emptied } })
  await assert.rejects(convert(paths, night), /^Error: none of its 2 packets can be read \(\d+\.avro: [^\n]+\)$/)
  assert.equal(await readManifest(paths, nightOf(night.name)), undefined)
  assert.equal(existsSync(paths.badPackets(nightOf(night.name))), false)
})

test('a member too large to be an alert is named, and the damaged packet after it is kept', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 2 })
  const packets = packetsOf(night).map((bytes, i) => ({ name: night.alerts[i]?.name ?? '', bytes }))
  const strays = [
    { name: 'huge.avro', bytes: Buffer.alloc((16 << 20) + 1) },
    { name: 'small.avro', bytes: Buffer.from('no packet') },
  ]
  const tar = packTar([...strays, ...packets], { layout: 'ustar' })
  const manifest = await convert(paths, { name: night.name, bytes: gzip(tar.bytes) })
  assert.deepEqual([manifest.alerts, manifest.damaged], [2, 2])
  assert.deepEqual(await readdir(paths.badPackets(nightOf(night.name))), ['2-small.avro'])
})

test('an Avro file of something else than an alert is kept aside, not taken for a duplicate', async t => {
  const paths = await dataFolder(t)
  const schema = JSON.stringify({ type: 'record', name: 'other', fields: [{ name: 'text', type: 'string' }] })
  const other = encodePacket({ text: 'not an alert' }, { schema, style: 'go', random: new Random(1) })
  const night = makeNight({ night: '20200601', alerts: 3 })
  const members = packetsOf(night).map((bytes, i) => ({ name: night.alerts[i]?.name ?? '', bytes }))
  const strays = ['first', 'second'].map(name => ({ name: `${name}.avro`, bytes: other }))
  const tar = packTar(
    [strays[0], ...members, strays[1]].filter(member => member !== undefined),
    { layout: 'ustar' },
  )
  const manifest = await convert(paths, { name: night.name, bytes: gzip(tar.bytes) })
  assert.deepEqual([manifest.alerts, manifest.duplicates, manifest.damaged], [3, 0, 2])
  assert.deepEqual(
    manifest.damagedPackets.map(({ member }) => member),
    ['first.avro', 'second.avro'],
  )
  assert.deepEqual(
    await candids(paths),
    night.alerts.map(({ values }) => values.candid),
  )
})

test('a damaged header loses its member alone, and the night is salvaged', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 8 })
  const members = packetsOf(night).map((bytes, i) => ({ name: night.alerts[i]?.name ?? '', bytes }))
  const tar = packTar(members, { layout: 'ustar' })
  tar.bytes[tar.offsets[3] as number] = 0xee
  const manifest = await convert(paths, { name: night.name, bytes: gzip(tar.bytes) })
  assert.deepEqual([manifest.state, manifest.alerts], ['salvaged', 7])
  assert.match(manifest.salvage ?? '', /^\d+ bytes of its tar are no member$/)
  const expected = night.alerts.filter((_, i) => i !== 3).map(({ values }) => values.candid)
  assert.deepEqual(await candids(paths), expected)
})

test('of duplicates the first is kept, and the others are counted and named', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20210301', alerts: 5, duplicates: [3, 0, 3] })
  const manifest = await convert(paths, night)
  await holds(paths, night, 5)
  assert.deepEqual([manifest.members, manifest.alerts, manifest.duplicates], [8, 5, 3])
  assert.deepEqual(
    manifest.duplicateCandids,
    [3, 0, 3].map(i => String(night.alerts[i]?.values.candid)),
  )
})

test('a duplicate leaves nothing of itself in the alert after it', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20231012', alerts: 24, writings: WRITINGS })
  const members = packetsOf(night).flatMap((bytes, i) =>
    [`${i}.avro`, `${i}-again.avro`].map(name => ({ name, bytes })),
  )
  const manifest = await convert(paths, { name: night.name, bytes: gzip(packTar(members, { layout: 'ustar' }).bytes) })
  await holds(paths, night, 24)
  assert.deepEqual([manifest.members, manifest.alerts, manifest.duplicates], [48, 24, 24])
})

test('duplicates are known across batches and files', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20210301', alerts: 600, duplicates: [0, 299, 599] })
  const manifest = await convert(paths, night, { alertsPerFile: 200 })
  await holds(paths, night, 600)
  assert.deepEqual([manifest.members, manifest.duplicates, manifest.files.length], [603, 3, 3])
})

for (const [what, odd] of Object.entries<Partial<NightOptions>>({
  'members in a folder': { tar: { folder: 'ztf_public_20191224', directory: true } },
  'names in pax headers': { tar: { folder: 'f'.repeat(150), names: 'pax' } },
  'names in GNU headers': { tar: { folder: 'f'.repeat(150), names: 'gnu' } },
  'a gzip of three members': { gzipMembers: 3 },
  'zero blocks in the middle': { tar: { zerosBefore: [4] } },
  'the other layout': { layout: 'ustar' },
}))
  test(`a night with ${what} is as any night`, async t => {
    const paths = await dataFolder(t)
    const night = makeNight({ night: '20191224', alerts: 12, ...odd })
    assert.equal((await convert(paths, night)).state, 'whole')
    await holds(paths, night, 12)
  })

test('two tarballs of one date are both in the lake, whichever comes first and however often', async t => {
  const options = { night: '20191003', alerts: 4 }
  const [own, other] = [makeNight(options), makeNight({ ...options, kind: 'programid3', alerts: 6 })]
  for (const order of [
    [own, other],
    [other, own],
    [own, other, own],
  ]) {
    const paths = await dataFolder(t)
    for (const night of order) await convert(paths, night)
    const names = [own, other].map(night => `year=2019/month=10/day=03/${parquetOf(night)}`)
    assert.deepEqual(await parquetFiles(paths), names)
    await holds(paths, own, 4, "parse_filename(filename) like 'ztf_public_20191003-%'")
    await holds(paths, other, 6, "filename like '%programid3%'")
  }
})

test('a file has so many alerts as was set, in the order of the tar', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const manifest = await convert(paths, night, { alertsPerFile: 7 })
  assert.deepEqual(
    manifest.files.map(({ name, alerts }) => [name, alerts]),
    [
      [parquetOf(night, 0), 7],
      [parquetOf(night, 1), 7],
      [parquetOf(night, 2), 6],
    ],
  )
  for (const [i, { name, alerts }] of manifest.files.entries()) {
    const expected = night.alerts.slice(i * 7, i * 7 + alerts)
    assert.deepEqual(
      await candids(paths, `filename like '%${name}'`),
      expected.map(({ values }) => values.candid),
    )
  }
  await holds(paths, night)
})

test('a night that fills its last file has no empty one after it', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, makeNight({ night: '20200601', alerts: 14 }), { alertsPerFile: 7 })
  assert.deepEqual(
    manifest.files.map(({ alerts }) => alerts),
    [7, 7],
  )
})

test('every codec reads back, and is the one that was set', async t => {
  const names: Record<Codec, string> = { snappy: 'SNAPPY', zstd: 'ZSTD', lz4: 'LZ4_RAW', none: 'UNCOMPRESSED' }
  const night = makeNight({ night: '20240519', alerts: 30, edges: 0.02 })
  let codecs = 0
  for (const codec of Object.keys(CODECS) as Codec[]) {
    const paths = await dataFolder(t)
    const manifest = await convert(paths, night, { codec })
    await holds(paths, night)
    const used = await ask(paths, 'select distinct compression from parquet_metadata(LAKE)')
    assert.deepEqual([used, manifest.codec], [[{ compression: names[codec] }], codec])
    codecs++
  }
  assert.equal(codecs, 4)
})

test('the manifest tells each file true', async t => {
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

test('each footer tells writer, tarball, its md5 and the schema versions in that file', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20231012', alerts: 8, writings: WRITINGS.slice(0, 2) })
  const late = makeNight({ night: '20240519', alerts: 2 })
  const manifest = await convert(paths, night, { alertsPerFile: 5 })
  await convert(paths, late)
  const footers = new Map<string, Row>()
  for (const { f, key, value } of await ask(
    paths,
    `select parse_filename(file_name) f, decode("key") "key", decode("value") "value" from parquet_kv_metadata(LAKE)`,
  ))
    footers.set(f as string, { ...footers.get(f as string), [key as string]: value })
  const versions = [['1.8', '3.1'], ['1.8', '3.1'], ['4.02']]
  const names = [...manifest.files.map(({ name }) => name), parquetOf(late)]
  assert.equal(footers.size, 3)
  for (const [i, name] of names.entries()) {
    const footer = footers.get(name)
    const source = i < 2 ? night : late
    assert.deepEqual(JSON.parse(footer?.ztf_lake as string), {
      writer: manifest.writer,
      tarball: source.name,
      tarball_md5: hash('md5', source.bytes),
      schema_versions: versions[i],
    })
  }
  assert.match(manifest.writer, /^ztf-lake \d+\.\d+\.\d+$/)
})

test('every file has the same schema, whatever versions its alerts have', async t => {
  const paths = await dataFolder(t)
  for (const [i, writing] of WRITINGS.entries())
    await convert(paths, makeNight({ night: `2020060${i + 1}`, alerts: 9, writings: [writing] }), { alertsPerFile: 5 })
  const schemas = await ask(
    paths,
    `select file_name, string_agg(concat_ws(' ', name, type, repetition_type, num_children, converted_type), ';' order by rowid) s
     from (select *, row_number() over () rowid from parquet_schema(LAKE)) group by 1`,
  )
  assert.equal(schemas.length, 12)
  assert.equal(new Set(schemas.map(({ s }) => s)).size, 1)
  assert.match(schemas[0]?.s as string, /fp_hists.*procstatus/)
  assert.doesNotMatch(schemas[0]?.s as string, / REQUIRED /)
})

test('a field of the future becomes a column of that night, is announced, and unites with other nights', async t => {
  const paths = await dataFolder(t)
  const extra = {
    alert: [{ name: 'brightness', type: ['null', 'double'], default: null }],
    candidate: [{ name: 'odd', type: ['null', 'boolean'], default: null }],
    prv_candidate: [{ name: 'tags', type: { type: 'array', items: ['null', 'string'] } }],
  }
  const old = makeNight({ night: '20240519', alerts: 5 })
  const future = makeNight({ night: '20260601', alerts: 20, writings: [{ version: '4.02', style: 'go', extra }] })
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

test('a field that begins in mid-night costs no alert: the files before have no such column', async t => {
  const paths = await dataFolder(t)
  const writing: Writing = { version: '4.02', style: 'go' }
  // More than a batch of them, so that the field comes after the file has begun.
  const [early, late] = [makeNight({ night: '20260601', alerts: 600 }), futureNight(writing)]
  const members = [early, late].flatMap(night => packetsOf(night).map((bytes, i) => ({ name: `${i}.avro`, bytes })))
  const tar = packTar(members, { layout: 'ustar' })
  const manifest = await convert(paths, { name: early.name, bytes: gzip(tar.bytes) })
  assert.deepEqual(manifest.newColumns, ['brightness'])
  assert.deepEqual([manifest.alerts, manifest.files.length], [640, 2])
  const rows = await alertsOf(paths)
  const sum = (values: unknown[]) => values.filter(value => value !== null).length
  assert.equal(rows.length, 640)
  assert.equal(sum(rows.map(row => row.brightness)), sum(late.alerts.map(({ values }) => values.brightness)))
})

test('the same tarball gives the same bytes, in this process and in others', async t => {
  const night = makeNight({ night: '20231012', alerts: 300, writings: WRITINGS, edges: 0.02 })
  const sums: string[] = []
  for (let i = 0; i < 2; i++) {
    const paths = await dataFolder(t)
    sums.push(sumsOf(await convert(paths, night)))
  }
  for (let i = 0; i < 2; i++) {
    const [paths, source] = [await dataFolder(t), await dataFolder(t)]
    await convert(source, night)
    await copyFile(source.tarball(nightOf(night.name)), paths.tarball(nightOf(night.name)))
    const child = join(import.meta.dirname, 'support/convert-child.ts')
    await promisify(execFile)(process.execPath, ['--import', 'tsx', child, dirname(paths.lake), night.name])
    const [path] = await parquetFiles(paths)
    sums.push(hash('sha256', await readFile(join(paths.lake, path as string))))
  }
  assert.equal(sums.length, 4)
  assert.equal(new Set(sums).size, 1)
})

test('a tarball whose md5 is not the one listed is refused and set aside, and nothing is published', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601' })
  const [md5, other] = [hash('md5', night.bytes), '0'.repeat(32)]
  const listed = (sum: string) => ({ md5: sum, bytes: night.bytes.length, modified: '2020-06-01 07:22' })
  await assert.rejects(convert(paths, night, {}, listed(other)), {
    message: `its md5 is ${md5}, the archive lists ${other}: it is in ${paths.bad} now, and make download fetches it anew`,
  })
  const { name } = night
  assert.deepEqual(await readdir(paths.bad), [name.replace('.tar.gz', '.json'), name])
  assert.deepEqual(await readFile(join(paths.bad, name)), night.bytes)
  assert.deepEqual(await readdir(paths.tarballs), ['.md5'])
  assert.deepEqual([await readManifest(paths, nightOf(name)), await parquetFiles(paths)], [undefined, []])
  assert.equal((await convert(paths, night, {}, listed(md5))).state, 'whole')
  assert.deepEqual(await readdir(paths.bad), [])
})

for (const [what, length] of [
  ['nothing of it', 0],
  ['half of it', 0.5],
] as const)
  test(`without an md5 a tarball of which there is ${what} is refused by its size and set aside`, async t => {
    const paths = await dataFolder(t)
    const { name, bytes } = makeNight({ night: '20200601', alerts: 20 })
    const listed = { md5: '', bytes: bytes.length, modified: '2020-06-01 07:22' }
    const cut = bytes.subarray(0, bytes.length * length)
    await assert.rejects(convert(paths, { name, bytes: cut }, {}, listed), {
      message: new RegExp(`^it has [^\n]+, the archive lists [^\n]+: it is in ${paths.bad} now, and make download `),
    })
    assert.deepEqual([await readdir(paths.tarballs), await parquetFiles(paths)], [['.md5'], []])
    assert.deepEqual(await readFile(join(paths.bad, name)), cut)
    const rounded = { ...listed, bytes: Math.round(bytes.length * 1.05) }
    assert.equal((await convert(paths, { name, bytes }, {}, rounded)).state, 'whole')
  })

test('a tarball that is cut is salvaged where its md5 is the listed one', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const cut = night.bytes.subarray(0, night.bytes.length / 2)
  const listed = { md5: hash('md5', cut), bytes: night.bytes.length, modified: '' }
  const { state, alerts } = await convert(paths, { name: night.name, bytes: cut }, {}, listed)
  assert.equal(state, 'salvaged')
  assert.ok(alerts > 0 && alerts < 20, String(alerts))
})

test('a tarball that changes while it is read is not published', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const path = join(paths.tarballs, night.name)
  const changing = (async () => {
    while (!existsSync(paths.staging)) await new Promise(setImmediate)
    appendFileSync(path, 'more')
  })()
  await assert.rejects(convert(paths, night), {
    message: 'it changed while it was read: run make lake once it is there whole',
  })
  await changing
  await nothingPublished(paths, night)
  assert.equal((await convert(paths, night)).state, 'whole')
})

for (const [what, bytes] of Object.entries({
  'an HTML page': Buffer.from(
    `<!DOCTYPE html>\n<title>Sorry</title>\n${'<p>The archive is closed today.</p>\n'.repeat(100)}`,
  ),
  'a short HTML page': Buffer.from('<html></html>'),
  'a gzip of an HTML page': gzip(Buffer.from('<p>The archive is closed today.</p>\n'.repeat(100))),
  'a gzip cut in its first member': makeNight({ night: '20200601' }).bytes.subarray(0, 300),
  'a file of random bytes': new Random(1).bytes(5000),
}))
  test(`${what} is no tarball: it is refused in one sentence, and nothing is published`, async t => {
    const paths = await dataFolder(t)
    const tarball = { name: 'ztf_public_20200601.tar.gz', bytes }
    await assert.rejects(convert(paths, tarball), (error: Error) => {
      assert.match(error.message, /^it holds no alert, and [^\n]{10,150}: delete it and run make download$/)
      return true
    })
    await nothingPublished(paths, tarball)
  })

test('a night whose gzip has a wrong checksum loses no alert, and is salvaged', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 3 })
  const { state, salvage } = await convert(paths, { name: night.name, bytes: spoiled(night.bytes) })
  assert.deepEqual([state, salvage], ['salvaged', 'its gzip stream is cut or damaged (incorrect data check)'])
  await holds(paths, night, 3)
})

test('a night that is refused leaves the one before in the lake', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 5 })
  const manifest = await convert(paths, night)
  await assert.rejects(convert(paths, { name: night.name, bytes: Buffer.from('<html></html>') }))
  await holds(paths, night, 5)
  assert.deepEqual(await readManifest(paths, nightOf(night.name)), manifest)
})

test('a night made again replaces its former files and bad packets, and no other tarball’s of its date', async t => {
  const paths = await dataFolder(t)
  const options = { night: '20191003', alerts: 20 }
  const other = makeNight({ ...options, kind: 'programid3', damage: { 1: damage.wiped } })
  await convert(paths, other, { alertsPerFile: 7 })
  await convert(paths, makeNight({ ...options, damage: { 0: damage.wiped } }), { alertsPerFile: 7 })
  assert.equal((await parquetFiles(paths)).length, 6)
  const again = makeNight({ ...options, alerts: 9, seed: 2 })
  await convert(paths, again, { alertsPerFile: 7 })
  assert.deepEqual(
    (await parquetFiles(paths)).map(name => name.split('/').at(-1)),
    [parquetOf(again, 0), parquetOf(again, 1), ...[0, 1, 2].map(i => parquetOf(other, i))],
  )
  await holds(paths, again, 9, "parse_filename(filename) like 'ztf_public_20191003-%'")
  await holds(paths, other, 19, "filename like '%programid3%'")
  assert.deepEqual(await readdir(paths.bad), ['ztf_public_20191003_programid3'])
})

test('a night made again as empty has no file left', async t => {
  const paths = await dataFolder(t)
  await convert(paths, makeNight({ night: '20200601' }))
  const manifest = await convert(paths, emptyNight('20200601', 'tar'))
  assert.equal(manifest.state, 'empty')
  assert.deepEqual(await parquetFiles(paths), [])
})

test('a tarball that changes on disk is taken for what it is now', async t => {
  const paths = await dataFolder(t)
  const [first, second] = [1, 2].map(seed => makeNight({ night: '20200601', seed, alerts: 4 }))
  await convert(paths, first as SyntheticNight)
  assert.equal((await convert(paths, second as SyntheticNight)).md5, hash('md5', (second as SyntheticNight).bytes))
  await holds(paths, second as SyntheticNight, 4)
})

/** That the lake, or the part of it that `where` leaves, holds just what a night's maker says, value by value. */
async function holds(paths: Paths, night: SyntheticNight, count?: number, where?: string): Promise<void> {
  const expected = expectedAlerts(night)
  assert.equal(expected.length, count ?? expected.length)
  assert.ok(expected.length > 0)
  const found = await alertsOf(paths, where)
  assert.equal(found.length, expected.length)
  const columns = alertColumns()
  for (const [i, { values }] of expected.entries()) assert.deepEqual(found[i], padded(columns, values))
}

async function candids(paths: Paths, where?: string): Promise<unknown[]> {
  return (await alertsOf(paths, where)).map(row => row.candid)
}

async function nothingPublished(paths: Paths, { name }: Pick<Tarball, 'name'>): Promise<void> {
  assert.equal(await readManifest(paths, nightOf(name)), undefined)
  assert.deepEqual(await parquetFiles(paths), [])
  assert.deepEqual(await readdir(paths.bad).catch(() => []), [])
}

/** Every file that a reader of the lake would take for data, by its path within the lake. */
async function parquetFiles({ lake }: Paths): Promise<string[]> {
  const entries = (await readdir(lake, { recursive: true }).catch(() => [])).sort()
  const files: string[] = []
  for (const entry of entries)
    if (!/(^|\/)[_.]/.test(entry) && (await stat(join(lake, entry))).isFile()) files.push(entry)
  return files
}

/** The packets of a synthetic night, as they are in its tar. */
function packetsOf(night: SyntheticNight): Buffer[] {
  return [...new TarReader().push(gunzipSync(night.bytes))].map(({ bytes, start, size }) =>
    bytes.subarray(start, start + size),
  )
}

function futureNight(writing: Writing): SyntheticNight {
  const extra = { alert: [{ name: 'brightness', type: ['null', 'double'], default: null }] }
  return makeNight({ night: '20260602', alerts: 40, writings: [{ ...writing, extra }] })
}

function sumsOf({ files }: Manifest): string {
  return files.map(({ sha256 }) => sha256).join()
}

function hash(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

function spoiled(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length - 8] = (copy.at(-8) as number) ^ 1
  return copy
}

function* leaves(value: unknown): Generator<unknown> {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value))
    for (const inner of Object.values(value)) yield* leaves(inner)
  else yield value
}
