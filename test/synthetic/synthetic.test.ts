import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type avsc from 'avsc'
import { type AlertOptions, makeAlert, type Values } from '../../lib/synthetic/alert.ts'
import { apacheSize } from '../../lib/synthetic/apache-size.ts'
import { archiveFiles } from '../../lib/synthetic/archive-files.ts'
import { type ArrayBlocks, encodePacket } from '../../lib/synthetic/avro.ts'
import { type AvroType, recordType } from '../../lib/synthetic/avro-type.ts'
import * as damage from '../../lib/synthetic/damage.ts'
import {
  emptyNight,
  expectedAlerts,
  makeNight,
  type NightOptions,
  type SyntheticNight,
} from '../../lib/synthetic/night.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { type Style, schemaText, type Version, WRITINGS } from '../../lib/synthetic/schema.ts'
import { startArchive } from '../../lib/synthetic/server.ts'
import { makeStamp } from '../../lib/synthetic/stamp.ts'
import { packTar } from '../../lib/synthetic/tar.ts'

const avro = createRequire(import.meta.url)('avsc') as typeof avsc
const SHARED = join(import.meta.dirname, '../../shared')
const NO_SHARED = existsSync(SHARED) ? false : 'the shared real data are not here'
const NO_TAR = spawnSync('tar', ['--version']).status === 0 ? false : 'tar is not installed'

for (const [version, style] of WRITINGS)
  for (const arrays of ['plain', 'sized', 'split'] as const)
    test(`avsc reads the same values from a packet: ${version}, ${style}, ${arrays} arrays`, async () => {
      for (const [packet, values] of packets(version, style, arrays)) assert.deepEqual(await decode(packet), values)
    })

test('the odd values occur, and come back', () => {
  const alerts = packets('4.02', 'go', 'plain', 300, 0.1).map(([, values]) => values)
  const seen = leaves(alerts)
  for (const odd of [Number.NaN, Infinity, -0, -999, -99999, -(2 ** 31), 2n ** 63n - 1n, -(2n ** 63n), '天文 🔭', null])
    assert.ok(seen.has(Object.is(odd, -0) ? '-0' : odd), `no ${odd}`)
  for (const name of ['prv_candidates', 'fp_hists', 'cutoutScience'])
    assert.ok(alerts.some(alert => alert[name] === null) && alerts.some(alert => alert[name] !== null), name)
})

test('a field of the future is written, and read back', async () => {
  const boolean = { name: 'odd', type: ['null', 'boolean'], default: null }
  const nested = { name: 'host', type: { type: 'record', name: 'host', fields: [{ name: 'z', type: 'double' }] } }
  const schema = schemaText({ version: '4.02', style: 'go', extra: { candidate: [boolean], alert: [nested] } })
  const values = makeAlert(recordType(schema), alertOptions(0))
  assert.ok('odd' in (values.candidate as object) && 'z' in (values.host as object))
  assert.deepEqual(await decode(encodePacket(values, { schema, style: 'go', random: new Random(1) })), values)
})

test('schemas differ as the two writers do', () => {
  const python = schemaText({ version: '3.3', style: 'python' })
  const go = schemaText({ version: '3.3', style: 'go' })
  assert.match(python, /\["float", "null"\], "name": "drb", "default": null/)
  assert.match(go, /"default":null,"name":"drb","type":\["null","float"\]/)
  assert.match(go, /"name":"ztf.alert","type":"record","version":"3.3"}$/)
  assert.ok(
    python.includes('"name": "clrcoeff"') && !schemaText({ version: '1.8', style: 'python' }).includes('clrcoeff'),
  )
})

test('a schema is brought to the length asked for, and stays JSON', () => {
  for (const style of ['python', 'go'] as const) {
    const text = schemaText({ version: '3.3', style, length: 24_321 })
    assert.equal(text.length, 24_321)
    assert.equal(JSON.parse(text).version, '3.3')
  }
  assert.match(schemaText({ version: '3.3', style: 'go', indent: 2 }), /^{\n {2}"doc"/)
})

for (const [night, version, style] of [
  ['20180601', '1.8', 'python'],
  ['20181129', '3.1', 'python'],
  ['20190801', '3.3', 'python'],
  ['20210113', '3.3', 'go'],
  ['20240519', '4.02', 'go'],
] as const)
  test(`a schema has the fields of the real one: ${version}, ${style}`, { skip: NO_SHARED }, () => {
    const tar = gunzipSync(readFileSync(join(SHARED, `archive/ztf_public_${night}.tar.gz`)))
    const real = tar.toString('latin1', tar.indexOf('{'), schemaEnd(tar))
    assert.deepEqual(outline(schemaText({ version, style })), outline(real))
  })

test('candids follow the night and exceed 2^53', () => {
  const { alerts } = makeNight({ night: '20180601', alerts: 50 })
  for (const { values, name } of alerts) {
    const candid = values.candid as bigint
    assert.match(String(candid), /^516\d{15}$/)
    assert.ok(candid > 2n ** 53n)
    assert.equal(candid / 1_000_000n, (values.candidate as Values).pid)
    assert.equal(name, `${candid}.avro`)
  }
  assert.equal(new Set(alerts.map(alert => alert.name)).size, 50)
})

test('earlier detections ascend in jd', () => {
  const { alerts } = makeNight({ night: '20200601', alerts: 50 })
  for (const { values } of alerts) {
    const dates = ((values.prv_candidates ?? []) as { jd: number }[]).map(row => row.jd)
    assert.deepEqual(
      dates,
      dates.toSorted((a, b) => a - b),
    )
  }
})

test('stamps are gzip of FITS, of about the real size', () => {
  const random = new Random(5)
  const stamps = Array.from({ length: 30 }, () => makeStamp('real', random))
  const images = stamps.map(stamp => gunzipSync(stamp))
  for (const image of images) {
    assert.equal(image.length % 2880, 0)
    assert.match(image.toString('latin1', 0, 80), /^SIMPLE {2}= {20}T {50}$/)
  }
  const mean = stamps.reduce((sum, stamp) => sum + stamp.length, 0) / stamps.length
  assert.ok(mean > 10_000 && mean < 15_000, String(mean))
  assert.ok(images.some(image => Number.isNaN(image.readFloatBE(2880))))
  assert.ok(makeStamp('small', random).length < 400)
})

for (const [layout, mode] of [
  ['gnu', '-rwxr--r--'],
  ['ustar', '-r-x--Sr-T'],
] as const)
  for (const odd of [
    {},
    { folder: 'ztf_public_20200601', directory: true },
    { names: 'pax', folder: 'f'.repeat(150) },
    { names: 'gnu', folder: 'f'.repeat(150) },
  ] as NonNullable<NightOptions['tar']>[])
    test(`tar lists a night: ${layout}, ${odd.names ?? 'plain'} names${odd.folder ? ', in a folder' : ''}`, {
      skip: NO_TAR,
    }, () => {
      const night = makeNight({ night: '20200601', layout, tar: odd })
      const names = night.alerts.map(({ name }) => (odd.folder ? `${odd.folder}/${name}` : name))
      assert.deepEqual(listed(night, '-tzf'), odd.directory ? [`${odd.folder}/`, ...names] : names)
      const members = listed(night, '-tvzf').filter(line => line.endsWith('.avro'))
      assert.equal(members.filter(line => line.startsWith(mode)).length, names.length)
    })

test('tar extracts what was put in', { skip: NO_TAR }, async () => {
  const night = makeNight({ night: '20200601', alerts: 3 })
  const file = onDisk(night)
  for (const { name, values } of night.alerts)
    assert.deepEqual(await decode(execFileSync('tar', ['-xzOf', file, name])), values)
  rmSync(dirname(file), { recursive: true })
})

test('zeros in the middle end the night for tar, unless it is told to go on', { skip: NO_TAR }, () => {
  const night = makeNight({ night: '20200601', tar: { zerosBefore: [4] } })
  assert.equal(listed(night, '-tzf').length, 4)
  assert.equal(listed(night, '--ignore-zeros', '-tzf').length, 10)
})

test('tars end as their writers end them, or not at all', () => {
  const members = [{ name: 'a.avro', bytes: Buffer.alloc(600, 1) }]
  assert.equal(packTar(members, { layout: 'gnu' }).bytes.length, 10_240)
  assert.equal(packTar(members, { layout: 'ustar' }).bytes.length, 512 + 1024 + 1024)
  const magic = (layout: 'gnu' | 'ustar') => packTar(members, { layout }).bytes.toString('latin1', 257, 265)
  assert.deepEqual([magic('gnu'), magic('ustar')], ['ustar  \0', 'ustar\x0000'])
  const bare = packTar(members, { layout: 'gnu', end: false })
  assert.equal(bare.bytes.length, 512 + 1024)
  assert.deepEqual([bare.offsets, bare.ends], [[0], [512 + 600]])
})

test('the same seed gives the same night, another seed another', () => {
  const options = { night: '20190801', alerts: 5, stamps: 'real' } as const
  const first = makeNight({ ...options, seed: 7 }).bytes
  assert.ok(first.equals(makeNight({ ...options, seed: 7 }).bytes))
  assert.ok(!first.equals(makeNight({ ...options, seed: 8 }).bytes))
  assert.ok(!first.equals(makeNight({ ...options, seed: 7, kind: 'programid3' }).bytes))
})

test('a night is written as the archive wrote at its date', () => {
  const made = (night: string) => makeNight({ night, alerts: 1 }).alerts.map(alert => [alert.version, alert.style])
  assert.deepEqual(made('20180601'), [['1.8', 'python']])
  assert.deepEqual(made('20200424'), [['3.3', 'python']])
  assert.deepEqual(made('20200425'), [['3.3', 'go']])
  assert.deepEqual(made('20250101'), [['4.02', 'go']])
})

test('a gzip of several members holds the same tar', () => {
  const whole = makeNight({ night: '20200601' })
  const parts = makeNight({ night: '20200601', gzipMembers: 3 })
  assert.ok(!whole.bytes.equals(parts.bytes))
  assert.ok(gunzipSync(whole.bytes).equals(gunzipSync(parts.bytes)))
})

test('a cut leaves the alerts before it readable', () => {
  const cut = makeNight({ night: '20200113', cutTar: { member: 3, bytes: 5000 } })
  assert.deepEqual(readable(cut), [0, 1, 2])
  assert.equal(gunzipSync(cut.bytes).length % 512, 5000 % 512)
  const torn = makeNight({ night: '20200202', cutGzip: 0.5 })
  assert.throws(() => gunzipSync(torn.bytes), /unexpected end/)
  assert.ok(readable(torn).length > 0 && readable(torn).length < 10)
})

test('a damaged or repeated alert is not expected, once is', () => {
  const night = makeNight({ night: '20210301', damage: { 2: damage.wrongMarker }, duplicates: [0, 5, 2] })
  assert.equal(night.alerts.length, 13)
  assert.equal(expectedAlerts(night).length, 9)
  assert.ok(expectedAlerts(night).every(({ name }) => name !== night.alerts[2]?.name))
})

test('each damage changes what its name says', async () => {
  const [[packet, values] = [Buffer.alloc(0), {}]] = packets('3.3', 'go')
  assert.deepEqual(await decode(packet), values)
  for (const [name, spoil] of Object.entries(damage) as [string, damage.Damage][])
    assert.ok(!spoil(packet).equals(packet), name)
  assert.equal(damage.truncated(packet, 3).length, packet.length - 3)
  assert.notDeepEqual(damage.wrongMarker(packet).subarray(-16), packet.subarray(-16))
  const start = packet.indexOf('gogenavromagic10') + 16
  assert.deepEqual([packet[start], damage.wrongCount(packet)[start]], [2, 4])
  assert.notEqual(damage.wrongSize(packet)[start + 1], packet[start + 1])
  for (const spoil of [damage.wrongMagic, damage.garbled, damage.wiped, damage.wrongSchema])
    await assert.rejects(decode(spoil(packet)), spoil.name)
})

test('empty nights are as long as the real ones', () => {
  assert.equal(emptyNight('20180710', 'gzip').bytes.length, 44)
  assert.equal(emptyNight('20191016', 'gzip', 'programid3').bytes.length, 55)
  assert.equal(emptyNight('20200429', 'tar').bytes.length, 74)
  assert.equal(emptyNight('20260202', 'nothing').bytes.length, 0)
  assert.deepEqual(emptyNight('20210217', 'zeros').bytes, Buffer.alloc(1024))
  assert.equal(gunzipSync(emptyNight('20180710', 'gzip').bytes).length, 0)
  assert.equal(gunzipSync(emptyNight('20200429', 'tar').bytes).length, 1024)
})

test('sizes are as Apache prints them', () => {
  const [mega, giga] = [2 ** 20, 2 ** 30]
  const sizes = [0, 44, 159, 972, 973, 1024, 1075, 1076, 10_188, 10_189, 972.4 * 1024, 767 * mega, 972.6 * mega]
  const shown = ['  0 ', ' 44 ', '159 ', '972 ', '1.0K', '1.0K', '1.0K', '1.1K', '9.9K', ' 10K', '972K', '767M', '973M']
  assert.deepEqual(sizes.map(apacheSize), shown)
  assert.deepEqual([8.8 * giga, 10 * giga, 73 * giga, 9.96 * giga].map(Math.floor).map(apacheSize), [
    '8.8G',
    ' 10G',
    ' 73G',
    ' 10G',
  ])
})

test('the server serves files, whole and in ranges', async () => {
  await serving(async (archive, [first]) => {
    const get = (range?: string) => fetch(archive.url + first.name, range ? { headers: { range } } : {})
    const whole = await get()
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), first.bytes)
    assert.equal(whole.headers.get('accept-ranges'), 'bytes')
    assert.equal(whole.headers.get('last-modified'), 'Fri, 01 Jun 2018 07:22:00 GMT')
    const size = first.bytes.length
    for (const [range, start, end] of [
      ['bytes=10-19', 10, 20],
      [`bytes=${size - 5}-`, size - 5, size],
      ['bytes=-7', size - 7, size],
    ] as const) {
      const part = await get(range)
      assert.equal(part.status, 206)
      assert.equal(part.headers.get('content-range'), `bytes ${start}-${end - 1}/${size}`)
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), first.bytes.subarray(start, end))
    }
    const beyond = await get(`bytes=${size}-`)
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${size}`])
    assert.deepEqual(archive.requests[1], {
      method: 'GET',
      url: `/alerts/public/${first.name}`,
      range: 'bytes=10-19',
    })
    assert.equal((await fetch(`${archive.url}absent.tar.gz`)).status, 404)
  })
})

test('the index lists the nights, last first, and what is not one', async () => {
  await serving(async (archive, nights) => {
    const page = await (await fetch(archive.url)).text()
    const cells = [...page.matchAll(/<td class="indexcolname"><a href="([^"]+)">.*?lastmod">(.*?)<.*?colsize">(.*?)</g)]
    assert.deepEqual(
      cells.map(([, href]) => href),
      ['/alerts/', 'ztf_public_20180710.tar.gz', nights[0].name, STRAY, 'VALIDATE', 'MD5SUMS'].toSorted(
        (a, b) => Number(b === '/alerts/') - Number(a === '/alerts/') || (a > b ? -1 : 1),
      ),
    )
    const stub = cells.find(([, href]) => href === 'ztf_public_20180710.tar.gz')
    assert.deepEqual(stub?.slice(2), ['2018-07-10 07:22  ', ' 44 '])
  })
})

test('a row of the index is as the real page has it', { skip: NO_SHARED }, async () => {
  const row = (page: string) => /<tr[^>]*>(<td[^\n]*20180710.tar.gz[^\n]*)/.exec(page)?.[1]?.replace(/\d\d:\d\d/, '')
  const real = row(readFileSync(join(SHARED, 'listing/index.html'), 'utf8'))
  await serving(async archive => assert.equal(row(await (await fetch(archive.url)).text()), real))
})

test('the last line of MD5SUMS is the right one', async () => {
  await serving(async (archive, nights) => {
    const text = await (await fetch(`${archive.url}MD5SUMS`)).text()
    for (const { name, bytes } of nights) {
      const lines = text.split('\n').filter(line => line.endsWith(name))
      assert.equal(lines.at(-1)?.split(' ')[0], createHash('md5').update(bytes).digest('hex'))
    }
    assert.equal(text.match(/ {2}ztf_public_20180601/g)?.length, 1)
    assert.equal(text.match(/ {2}\/epyc\S+\/ztf_public_20180601/g)?.length, 1)
  })
})

test('the server is faulty where told', async () => {
  await serving(async (archive, [{ name, bytes }]) => {
    archive.faults.set(name, { status: 503, times: 1 })
    assert.equal((await fetch(archive.url + name)).status, 503)
    assert.equal((await fetch(archive.url + name)).status, 200)
    archive.faults.set(name, { cutAfter: 100 })
    const cut = await fetch(archive.url + name)
    assert.equal(Number(cut.headers.get('content-length')), bytes.length)
    const got: Buffer[] = []
    await assert.rejects(async () => {
      for await (const chunk of cut.body as AsyncIterable<Uint8Array>) got.push(Buffer.from(chunk))
    })
    assert.deepEqual(Buffer.concat(got), bytes.subarray(0, 100))
  })
})

test('the server serves a folder too, and what is published meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'synthetic-'))
  const night = makeNight({ night: '20200601', alerts: 2 })
  const archive = await startArchive(folder)
  try {
    assert.equal((await fetch(archive.url + night.name)).status, 404)
    writeFileSync(join(folder, night.name), night.bytes)
    const part = await fetch(archive.url + night.name, { headers: { range: 'bytes=3-99' } })
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), night.bytes.subarray(3, 100))
    assert.match(await (await fetch(archive.url)).text(), new RegExp(night.name))
    const [file] = await archiveFiles(folder, new Map())
    assert.equal((await buffer(file?.open(3, 100) as Readable)).length, 97)
    assert.equal((await fetch(`${archive.url}%2e%2e%2fetc`)).status, 404)
  } finally {
    await archive.close()
    rmSync(folder, { recursive: true })
  }
})

test('closing the server breaks what is under way', async () => {
  const archive = await startArchive(new Map())
  archive.faults.set('', { delay: 60_000 })
  const pending = assert.rejects(fetch(archive.url))
  while (archive.requests.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  await archive.close()
  await pending
  await assert.rejects(fetch(archive.url))
})

const STRAY = 'ztf_20200219_programid1.tar.tar'

async function serving(
  use: (archive: Awaited<ReturnType<typeof startArchive>>, nights: [SyntheticNight, SyntheticNight]) => Promise<void>,
): Promise<void> {
  const nights: [SyntheticNight, SyntheticNight] = [
    makeNight({ night: '20180601', alerts: 3, stamps: 'real' }),
    emptyNight('20180710', 'gzip'),
  ]
  const archive = await startArchive(new Map(nights.map(({ name, bytes }) => [name, bytes])))
  try {
    await use(archive, nights)
  } finally {
    await archive.close()
  }
}

function alertOptions(index: number): AlertOptions {
  return { night: '20231201', index, random: new Random(index), version: '4.02', edges: 0.01 }
}

/** Packets with the values they were made of. */
function packets(
  version: Version,
  style: Style,
  arrays: ArrayBlocks = 'plain',
  count = 20,
  edges = 0.01,
): [Buffer, Values][] {
  const schema = schemaText({ version, style })
  const type = recordType(schema)
  return Array.from({ length: count }, (_, index) => {
    const values = makeAlert(type, { ...alertOptions(index), version, edges })
    return [encodePacket(values, { schema, style, arrays, random: new Random(index) }), values]
  })
}

/** The one alert of a packet as avsc, which knows nothing of our encoder, reads it. */
async function decode(packet: Buffer): Promise<Values> {
  const decoder = new avro.streams.BlockDecoder({ parseHook: parse as (schema: avsc.Schema) => avsc.Type })
  const found: Values[] = []
  decoder.end(packet)
  for await (const value of decoder) found.push(plain(value) as Values)
  assert.equal(found.length, 1)
  return found[0] as Values
}

/** Defaults go, since avsc refuses those of the Python writer; longs are BigInt. */
function parse(schema: unknown): avsc.Type {
  const bare = JSON.parse(JSON.stringify(schema), (key, value) => (key === 'default' ? undefined : value))
  return avro.Type.forSchema(bare, { wrapUnions: false, registry: { long: LONG } })
}

const LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => Buffer.from(BigInt64Array.of(value).buffer),
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => Number(a > b) - Number(a < b),
})

/** The same values without avsc's classes. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** Every value within, those that Set cannot tell from others by name. */
function leaves(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value))
    for (const inner of Object.values(value)) leaves(inner, found)
  else found.add(Object.is(value, -0) ? '-0' : value)
  return found
}

/** The fields of a schema, one a line, sorted: the writers did not always keep one order. */
function outline(schema: string): string[] {
  const lines: string[] = []
  walk(recordType(schema), '', lines)
  return lines.sort()
}

function walk(type: AvroType, path: string, lines: string[]): void {
  if (type.kind === 'union') for (const branch of type.branches) walk(branch, `${path}?`, lines)
  else if (type.kind === 'array') walk(type.items, `${path}[]`, lines)
  else if (type.kind === 'record')
    for (const { name, type: inner } of type.fields) walk(inner, `${path}.${name}`, lines)
  else lines.push(`${path} ${type.kind}`)
}

/** Where the braces that open first in `bytes` close. */
function schemaEnd(bytes: Buffer): number {
  let depth = 0
  for (let at = bytes.indexOf('{'); at < bytes.length; at++) {
    if (bytes[at] === 0x7b) depth++
    if (bytes[at] === 0x7d && --depth === 0) return at + 1
  }
  throw new Error('no schema')
}

function readable(night: SyntheticNight): number[] {
  return night.alerts.flatMap((alert, index) => (alert.readable ? [index] : []))
}

function onDisk(night: SyntheticNight): string {
  const file = join(mkdtempSync(join(tmpdir(), 'synthetic-')), night.name)
  writeFileSync(file, night.bytes)
  return file
}

function listed(night: SyntheticNight, ...options: string[]): string[] {
  const file = onDisk(night)
  const listing = execFileSync('tar', [...options, file], { encoding: 'utf8' })
  rmSync(dirname(file), { recursive: true })
  return listing.trimEnd().split('\n')
}
