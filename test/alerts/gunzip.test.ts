import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { constants, deflate, gunzipSync, gzipSync } from 'node:zlib'
import { CorruptGzipError, gunzip, THREAD_THRESHOLD } from '../../lib/alerts/gunzip.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'
import { gzipMembers } from '../support/gzip-members.ts'
import { makeNight } from '../support/night.ts'

const MIB = 1 << 20
const DESCRIPTORS = '/proc/self/fd'
const NO_PROC = existsSync(DESCRIPTORS) ? false : 'this system does not list open files in /proc'

test('inflates a gzip file of one or more members', async t => {
  const bytes = someBytes(3 * MIB + 5)
  for (const count of [1, 2, 3, 7]) {
    const { read, error } = await stream(t, gzipMembers(bytes, count))
    assert.ok(read.equals(bytes), `${count} members`)
    assert.equal(error, undefined)
  }
})

test('ignores empty members between others', async t => {
  const none = gzip(Buffer.alloc(0))
  const { read, error } = await stream(t, Buffer.concat([none, gzip(Buffer.from('ab')), none, gzip(Buffer.from('cd'))]))
  assert.deepEqual([read.toString(), error], ['abcd', undefined])
})

test('yields every byte before a cut, then throws', async t => {
  const whole = makeNight({ night: '20200202', alerts: 60, stamps: 'real' }).bytes
  assert.ok(whole.length > 2 * MIB, `${whole.length}`)
  const random = new Random(1)
  const cuts = [18, 100, MIB - 1, MIB, MIB + 1, whole.length - 9, whole.length - 8, whole.length - 1]
  for (let i = 0; i < 10; i++) cuts.push(random.int(20, whole.length - 10))
  for (const cut of cuts) {
    const bytes = whole.subarray(0, cut)
    const { read, error } = await stream(t, bytes)
    assert.ok(read.equals(gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })), `cut at ${cut}`)
    assert.ok(error instanceof CorruptGzipError, `cut at ${cut}: ${error}`)
    assert.match(error.message, /^its gzip stream is cut or damaged \(unexpected end of file\)$/)
  }
  assert.equal(cuts.length, 18)
})

test('yields the whole first member if the second is cut', async t => {
  const bytes = someBytes(MIB)
  const two = gzipMembers(bytes, 2)
  const { read, error } = await stream(t, two.subarray(0, two.length - 200_000))
  assert.ok(read.length > MIB / 2 && read.equals(bytes.subarray(0, read.length)))
  assert.ok(error instanceof CorruptGzipError)
})

test('yields everything before damage in the middle, and each byte once', async t => {
  const bytes = someBytes(8 * MIB)
  const whole = gzip(bytes)
  for (const at of [MIB, 3 * MIB, 7 * MIB]) {
    const damaged = Buffer.from(whole)
    damaged.fill(0xff, at, at + 1000)
    const { read, error } = await stream(t, damaged)
    assert.ok(error instanceof CorruptGzipError)
    const before = gunzipSync(whole.subarray(0, at), { finishFlush: constants.Z_SYNC_FLUSH }).length
    const sound = read.subarray(0, before)
    assert.equal(sound.length, before)
    assert.ok(sound.equals(bytes.subarray(0, sound.length)))
  }
})

test('reports a wrong checksum after yielding all bytes', async t => {
  const bytes = someBytes(3 * MIB)
  const damaged = Buffer.from(gzip(bytes))
  damaged[damaged.length - 8] = (damaged.at(-8) as number) ^ 1
  const { read, error } = await stream(t, damaged)
  assert.ok(read.equals(bytes))
  assert.ok(error instanceof CorruptGzipError)
})

test('yields a whole stream that garbage follows, then throws', async t => {
  for (const size of [100, 3 * MIB]) {
    const { read, error } = await stream(t, Buffer.concat([gzip(someBytes(size)), Buffer.from('garbage')]))
    assert.ok(read.equals(someBytes(size)))
    assert.ok(error instanceof CorruptGzipError)
  }
})

test('inflates a large tarball in a thread to the same bytes', async t => {
  const bytes = someBytes(40 * MIB)
  const whole = gzip(bytes, { level: 1 })
  assert.ok(whole.length > THREAD_THRESHOLD)
  const { read, error } = await stream(t, whole)
  assert.ok(read.equals(bytes))
  assert.equal(error, undefined)

  const cut = await stream(t, whole.subarray(0, whole.length - 5_000_000))
  assert.ok(cut.read.equals(bytes.subarray(0, cut.read.length)) && cut.read.length > 34 * MIB, `${cut.read.length}`)
  assert.ok(cut.error instanceof CorruptGzipError)

  const damaged = Buffer.from(whole)
  damaged.fill(0xff, 30 * MIB, 30 * MIB + 1000)
  const salvaged = await stream(t, damaged)
  const sound = gunzipSync(whole.subarray(0, 30 * MIB), { finishFlush: constants.Z_SYNC_FLUSH })
  assert.ok(salvaged.read.subarray(0, sound.length).equals(sound))
  assert.ok(salvaged.error instanceof CorruptGzipError)
})

test('yields every byte once to a slow reader, of complete and of cut streams', async t => {
  const bytes = someBytes(24 * MIB)
  const whole = gzip(bytes, { level: 1 })
  for (const gzipped of [whole, whole.subarray(0, 3 * MIB + 77), gzip(bytes.subarray(0, 9 * MIB))]) {
    const parts: Buffer[] = []
    const path = await file(t, gzipped)
    try {
      for await (const chunk of gunzip(path)) {
        await promisify(deflate)(chunk) // takes longer than inflating the next chunk
        parts.push(Buffer.from(chunk))
      }
    } catch (error) {
      assert.ok(error instanceof CorruptGzipError)
    }
    const expected = gunzipSync(gzipped, { finishFlush: constants.Z_SYNC_FLUSH })
    assert.ok(Buffer.concat(parts).equals(expected), `${Buffer.concat(parts).length} of ${expected.length} bytes`)
  }
})

test('ends the inflate thread when the reader stops early', async t => {
  const path = await file(t, gzip(someBytes(40 * MIB), { level: 1 }))
  for await (const chunk of gunzip(path)) {
    assert.ok(chunk.length > 0)
    break
  }
  assert.deepEqual(
    process.getActiveResourcesInfo().filter(name => name === 'MessagePort' || name === 'Worker'),
    [],
  )
})

test('streams a file that is not gzipped unchanged', async t => {
  const files = [
    Buffer.alloc(0),
    Buffer.from([0x1f]),
    Buffer.alloc(1024),
    Buffer.from('<html>'),
    someBytes(2 * MIB + 1),
  ]
  for (const bytes of files) {
    const { read, error } = await stream(t, bytes)
    assert.ok(read.equals(bytes))
    assert.equal(error, undefined)
  }
})

test('reports a missing file as ENOENT, not as damage', async () => {
  const error = await collect(join(tmpdir(), 'ztf-lake-no-such-file.tar.gz')).then(({ error }) => error)
  assert.ok(!(error instanceof CorruptGzipError))
  assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT')
})

test('closes the file when the reader stops early', { skip: NO_PROC }, async t => {
  for (const bytes of [gzipSync(someBytes(8 * MIB)), someBytes(8 * MIB)]) {
    const path = await file(t, bytes)
    for await (const chunk of gunzip(path)) {
      assert.ok(chunk.length > 0)
      assert.equal(await timesOpen(path), 1)
      break
    }
    // The file is closed asynchronously.
    for (let tries = 0; tries < 10_000 && (await timesOpen(path)) > 0; tries++);
    assert.equal(await timesOpen(path), 0)
  }
})

/** Number of descriptors that this process has open for a file. */
async function timesOpen(path: string): Promise<number> {
  const links = (await readdir(DESCRIPTORS)).map(name => readlink(join(DESCRIPTORS, name)).catch(() => ''))
  return (await Promise.all(links)).filter(target => target === path).length
}

function someBytes(size: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4))
  const random = new Random(size)
  for (let i = 0; i < words.length; i++) words[i] = random.int(0, 0xffffffff)
  return Buffer.from(words.buffer).subarray(0, size)
}

async function stream(t: TestContext, bytes: Buffer): Promise<{ read: Buffer; error: unknown }> {
  return collect(await file(t, bytes))
}

async function collect(path: string): Promise<{ read: Buffer; error: unknown }> {
  const chunks: Buffer[] = []
  let error: unknown
  try {
    for await (const chunk of gunzip(path)) chunks.push(Buffer.from(chunk))
  } catch (reason) {
    error = reason
  }
  return { read: Buffer.concat(chunks), error }
}

async function file(t: TestContext, bytes: Buffer): Promise<string> {
  const path = join(await temporaryFolder(t), 'file.tar.gz')
  await writeFile(path, bytes)
  return path
}
