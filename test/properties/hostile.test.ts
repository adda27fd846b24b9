import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { createGzip } from 'node:zlib'
import { StructColumn } from '../../lib/alerts/columns.ts'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/damage.ts'
import { type TarEnd, TarReader } from '../../lib/alerts/tar.ts'
import { parseListing, withMd5 } from '../../lib/archive/listing.ts'
import { readListingFile, writeListingFile } from '../../lib/archive/listing-file.ts'
import { readUrlLists, selectNights, writeUrlLists } from '../../lib/archive/url-lists.ts'
import { type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import { ADDRESS } from '../support/archive-table.ts'
import { valueAt } from '../support/columns-reader.ts'
import { convert, nightOf } from '../support/data-folder.ts'
import { alertsOf, ask } from '../support/lake-reader.ts'
import { oracleRead } from '../support/oracle.ts'
import { run } from '../support/run.ts'
import { Target } from '../support/target.ts'
import { Workspace } from '../support/workspace.ts'
import { edited, edits } from './bytes.ts'
import { fc, forAll, TORTURE } from './cases.ts'
import { COSTLY } from './costly.ts'
import { HOSTILE_PAGE, LISTED, listings, md5sums } from './listings.ts'
import { HOSTILE_TAR, nights } from './nights.ts'
import { hostile, packetOf, whole } from './packets.ts'
import { Sandbox } from './sandbox.ts'
import { ENDLESS, NAMES } from './schemas.ts'
import { isSentence } from './sentence.ts'
import { honest, lying, MEMBERS, tarOf } from './tars.ts'

test('a packet of any bytes is read as avsc reads it, or is damage in one sentence', async t => {
  await forAll(t, 0.4, fc.oneof(hostile, whole), async ({ bytes }) => {
    const target = new Target(new StructColumn())
    if (taken(target, bytes)) await equalsOracle(target, bytes)
  })
})

test('whole packets among hostile ones are read as if these were not there', async t => {
  const packets = fc.array(fc.oneof(hostile, hostile, whole), { minLength: 2, maxLength: 8 })
  await forAll(t, 0.2, packets, async cases => {
    const target = new Target(alertColumns())
    for (const { bytes, whole } of cases) {
      const accepted = taken(target, bytes)
      if (whole) assert.ok(accepted, 'a whole packet was refused')
      if (whole) await equalsOracle(target, bytes)
    }
  })
})

for (const [what, schema] of Object.entries(ENDLESS))
  test(`a schema without end is damage in one sentence: ${what}`, () => {
    const target = new Target(alertColumns())
    const before = [...target.columns.children.keys()]
    assert.ok(!taken(target, packetOf(schema, Buffer.alloc(300))))
    assert.deepEqual([...target.columns.children.keys()], before)
  })

test('a field of any name is a column that avsc reads alike, or damage', async () => {
  let refused = 0
  for (const name of NAMES) {
    const fields = [
      { name: 'candid', type: 'long' },
      { name, type: 'int' },
    ]
    const packet = packetOf(JSON.stringify({ type: 'record', name: 'alert', fields }), Buffer.from([8, 14]))
    const target = new Target(new StructColumn())
    if (taken(target, packet)) await equalsOracle(target, packet)
    else refused++
  }
  assert.equal(refused, 20)
})

test('of any tar whose sizes are true every regular file is given, whatever else is in it', async t => {
  await forAll(t, 0.1, fc.array(honest, { maxLength: 12 }), entries => {
    const regular = entries.filter(({ type }) => '0\u00007'.includes(type))
    const { members, end } = read(tarOf(entries), 1 << 20)
    assert.deepEqual(
      members.map(({ bytes }) => bytes),
      regular.map(({ body }) => body.toString('latin1')),
    )
    assert.equal(end.cut, undefined)
    const unknown = entries.some(({ type }) => 'SMDXA~\u00ff'.includes(type))
    assert.equal(end.damagedBytes > 0, unknown)
  })
})

test('any tar comes to an end, and to the same one however it is chunked', async t => {
  const tars = fc
    .tuple(fc.array(fc.oneof(honest, lying), { maxLength: 8 }), fc.option(edits))
    .map(([entries, changes]) => edited(tarOf(entries), changes ?? []))
  await forAll(t, 0.15, fc.tuple(tars, fc.integer({ min: 1, max: 3000 })), ([tar, chunk]) => {
    const whole = read(tar, 1 << 20)
    assert.deepEqual(read(tar, chunk), whole)
    for (const { name } of whole.members) assert.match(name, /^[^\p{C}\p{Zl}\p{Zp}]{0,1000}$/u)
    assert.ok(whole.end.damagedBytes <= Number.MAX_SAFE_INTEGER)
  })
})

test('any tarball becomes a lake with all that is whole in it, or is refused in one sentence', async t => {
  const sandbox = await Sandbox.open(t)
  let converted = 0
  await forAll(t, 0.05, nights, async ({ tarball, whole }) => {
    const manifest = await outcome(sandbox.paths, tarball)
    await sandbox.isClean()
    if (!manifest) {
      assert.ok(!whole?.length, 'a night with a whole packet was refused')
      return
    }
    converted++
    await isTrue(sandbox.paths, manifest)
    if (whole) await holdsAll(sandbox.paths, whole)
  })
  assert.ok(converted > 0)
})

test('any listing gives addresses of the archive alone, or is refused in one sentence', async t => {
  const sandbox = await Sandbox.open(t)
  await forAll(t, 0.1, fc.tuple(listings, md5sums), async ([text, sums]) => {
    const listing = withMd5(parseListing(text, ADDRESS), sums)
    await writeUrlLists(sandbox.uris, selectNights(listing, { selection: () => true, minBytes: 0 }), 5)
    await writeListingFile(sandbox.uris, listing)
    await sandbox.isClean()
    const urls = [...(await readUrlLists(sandbox.uris))]
    for (const url of urls)
      assert.match(url, /^https:\/\/example\.org\/alerts\/public\/ztf_public_20\d{6}(_programid3)?\.tar\.gz$/)
    for (const date of LISTED) assert.ok(urls.some(url => url.includes(date)))
    for (const row of listing) assert.match(row.md5, /^([0-9a-f]{32})?$/)
    assert.deepEqual(await readListingFile(sandbox.uris), listing)
  })
})

for (const [what, { tar, end, slow = false }] of Object.entries(COSTLY))
  test(`a small tarball costs a worker no more than it may: ${what}`, {
    skip: slow && !TORTURE && 'only in make torture',
  }, async t => {
    const { paths } = await Sandbox.open(t)
    await pipeline(Readable.from(tar()), createGzip({ level: 1 }), createWriteStream(join(paths.tarballs, NIGHT)))
    const child = join(import.meta.dirname, 'hostile/convert-child.ts')
    const flags = ['--max-old-space-size=256', '--import', 'tsx']
    const { status, out, err } = await run(process.execPath, [...flags, child, paths.data, NIGHT])
    assert.equal(status, 0, err)
    const { megabytes, error, ...found } = JSON.parse(out)
    t.diagnostic(`${megabytes} MB`)
    assert.ok(megabytes < MOST_MEGABYTES, `${megabytes} MB`)
    if (end instanceof RegExp) assert.match(error, end)
    else assert.deepEqual({ ...found, ...end }, found, error)
    if (error) isSentence(error)
  })

test('what a terminal would obey is shown instead, in what is said and in what fails', async () => {
  const script =
    "const { say } = await import('./lib/report.ts'); say(process.argv[1]); throw new Error(process.argv[1])"
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, 'a\u001b[2J\u009bb\nc']
  const { status, out, err } = await run(process.execPath, args)
  assert.deepEqual([status, out, err], [1, 'a\\u{1b}[2J\\u{9b}b\nc\n', 'error: a\\u{1b}[2J\\u{9b}b\nc\n'])
})

test('make obeys nothing that a listing or a tarball says, and a terminal is told no control', async t => {
  const space = await Workspace.open(t, [])
  const page = join(space.folder, 'page.html')
  await writeFile(page, HOSTILE_PAGE)
  await mkdir(space.paths.tarballs, { recursive: true })
  await writeFile(join(space.paths.tarballs, NIGHT), gzip(HOSTILE_TAR))
  const before = (await readdir(space.folder)).sort()
  const said = []
  for (const target of ['lake', `uris LISTING=${page}`, 'status', 'download -n']) said.push(await space.make(target))
  for (const { out, err } of said) assert.match(out + err, /^[\n\P{C}]*$/u)
  assert.deepEqual((await readdir(space.folder)).sort(), [...before, 'uris'].sort())
  const urls = [...(await readUrlLists(space.uris))].map(url => url.slice(space.archive.url.length))
  assert.deepEqual(
    urls.sort(),
    LISTED.map(date => `ztf_public_${date}.tar.gz`),
  )
  const manifest = await readManifest(space.paths, nightOf(NIGHT))
  assert.equal(manifest?.alerts, 1)
  assert.equal(manifest?.damaged, MEMBERS.length)
})

/** MB that a worker holds at most, whatever it is given: docs/design.md, "What input may cost". */
const MOST_MEGABYTES = 1500
const NIGHT = 'ztf_public_20200101.tar.gz'

/** The manifest of a tarball; undefined where it was refused, in one sentence. */
async function outcome(paths: Paths, tarball: Buffer): Promise<Manifest | undefined> {
  try {
    return await convert(paths, { name: NIGHT, bytes: tarball })
  } catch (error) {
    assert.equal((error as Error).constructor, Error)
    isSentence((error as Error).message)
    return undefined
  }
}

/** That the manifest's sums hold, of the lake's files too, and that it tells of damage as it should. */
async function isTrue(paths: Paths, manifest: Manifest): Promise<void> {
  const { members, alerts, duplicates, damaged, damagedPackets, files, salvage } = manifest
  assert.equal(members, alerts + duplicates + damaged)
  assert.equal(damagedPackets.length, damaged)
  for (const { reason } of damagedPackets) isSentence(reason)
  if (salvage) isSentence(salvage)
  assert.equal(
    files.reduce((sum, file) => sum + file.alerts, 0),
    alerts,
  )
  if (alerts === 0) return
  const [counted] = await ask(paths, 'select count(*) as n, count(distinct candid) as m from read_parquet(LAKE)')
  assert.deepEqual(counted, { n: BigInt(alerts), m: BigInt(alerts) })
  assert.equal((await alertsOf(paths)).length, alerts)
}

/** That the lake has each alert with every value that avsc reads. */
async function holdsAll(paths: Paths, packets: readonly Buffer[]): Promise<void> {
  const rows = new Map((await alertsOf(paths)).map(row => [row.candid, row]))
  for (const packet of packets) {
    const target = new Target(alertColumns())
    target.open(packet)
    await equalsOracle(target, packet)
    const expected = valueAt(target.columns, 0) as { candid: bigint }
    assert.deepEqual(known(rows.get(expected.candid), expected), expected)
  }
}

/** What the lake has in the columns of `like`: a hostile packet of the night may have brought others. */
function known(value: unknown, like: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(like)) return value.map((item, i) => known(item, like[i]))
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  if (typeof like !== 'object' || like === null) return value
  const kept = Object.entries(value).filter(([name]) => Object.hasOwn(like, name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, known(inner, (like as Record<string, unknown>)[name])]))
}

function read(tar: Buffer, chunk: number): { members: { name: string; bytes: string }[]; end: TarEnd } {
  const reader = new TarReader()
  const members = []
  for (let at = 0; at < tar.length; at += chunk)
    for (const { name, bytes, start, size, oversize } of reader.push(tar.subarray(at, at + chunk)))
      members.push({ name, bytes: oversize ? `${size} bytes` : bytes.toString('latin1', start, start + size) })
  return { members, end: reader.end() }
}

/** Whether the packet was read; that it is damage, and told so, where not. */
function taken(target: Target, packet: Buffer): boolean {
  const { rows } = target
  try {
    target.open(packet)
    return true
  } catch (error) {
    target.truncate(rows)
    if (!(error instanceof CorruptPacketError)) throw error
    isSentence(error.message)
    return false
  }
}

async function equalsOracle(target: Target, packet: Buffer): Promise<void> {
  const read = await oracleRead(packet)
  assert.ok(read, 'avsc cannot read what was read')
  target.equals(target.rows - 1, read.type, read.value)
}
