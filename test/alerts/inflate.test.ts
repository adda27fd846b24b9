import assert from 'node:assert/strict'
import fs, { existsSync } from 'node:fs'
import { type FileHandle, open, readdir, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createGunzip } from 'node:zlib'
import { inflate } from '../../lib/alerts/inflate.js'
import { canInflateDirectly, inflateDirectly } from '../../lib/alerts/inflate-direct.js'
import { CHUNK_SIZE, inflateWithStream, READ_SIZE } from '../../lib/alerts/inflate-stream.js'
import { gzip } from '../../lib/synthetic/gzip.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'
import { gzipMembers } from '../support/gzip-members.ts'
import { inflated } from '../support/inflated.ts'

/** Both implementations must behave alike. */
const IMPLEMENTATIONS = [inflateDirectly, inflateWithStream]

const DESCRIPTORS = '/proc/self/fd'
const NO_PROC = existsSync(DESCRIPTORS) ? false : 'this system does not list open files in /proc'

/** Distances in bytes of a member's end from the end of the first read. */
const OFFSETS = [-2, -1, 0, 1]

for (const inflateOnce of IMPLEMENTATIONS) {
  const { name } = inflateOnce

  test(`${name}: inflates members of all sizes`, async t => {
    for (const size of [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE])
      for (const count of [1, 2, 5]) {
        const bytes = someBytes(size)
        await expect(t, gzipMembers(bytes, count), { bytes })
      }
  })

  test(`${name}: inflates zeros, which are a thousandth of their size when compressed`, async t => {
    const bytes = Buffer.alloc(5 * CHUNK_SIZE + 3)
    await expect(t, gzip(bytes), { bytes })
  })

  test(`${name}: continues with a member that begins in any read`, async t => {
    for (const offset of OFFSETS) {
      const first = memberOfSize(READ_SIZE + offset)
      await expect(t, [first.gzipped, gzip(Buffer.from('next'))], { bytes: [first.bytes, Buffer.from('next')] })
    }
  })

  test(`${name}: ignores zero padding, and inflates the members after it`, async t => {
    const next = Buffer.from('next')
    for (const offset of OFFSETS)
      for (const zeros of [1, 20, 2 * READ_SIZE]) {
        const { gzipped, bytes } = memberOfSize(READ_SIZE + offset)
        const padding = Buffer.alloc(zeros)
        await expect(t, [gzipped, padding], { bytes })
        await expect(t, [gzipped, padding, gzip(next)], { bytes: [bytes, next] })
        await expect(t, [gzip(next), padding, gzipped, padding], { bytes: [next, bytes] })
      }
    const { gzipped, bytes } = memberOfSize(READ_SIZE - 20)
    await expect(t, [gzipped, Buffer.alloc(20), gzip(next)], { bytes: [bytes, next] })
  })

  test(`${name}: throws if zero padding is followed by garbage or by a cut member`, async t => {
    const next = gzip(Buffer.from('next'))
    for (const offset of OFFSETS)
      for (const zeros of [1, 20, 2 * READ_SIZE]) {
        const { gzipped, bytes } = memberOfSize(READ_SIZE + offset)
        const padded = Buffer.concat([gzipped, Buffer.alloc(zeros)])
        await expect(t, [padded, Buffer.from('garbage')], { bytes, code: 'Z_DATA_ERROR', read: padded.length + 1 })
        await expect(t, [padded, next.subarray(0, 5)], { bytes, code: 'Z_BUF_ERROR' })
        await expect(t, [padded, next.subarray(0, -1)], { bytes: [bytes, Buffer.from('next')], code: 'Z_BUF_ERROR' })
      }
  })

  test(`${name}: yields a whole member that garbage follows, then throws`, async t => {
    for (const offset of OFFSETS) {
      const { gzipped, bytes } = memberOfSize(READ_SIZE + offset)
      await expect(t, [gzipped, Buffer.from('garbage')], { bytes, code: 'Z_DATA_ERROR', read: gzipped.length + 1 })
      // zlib reads two bytes before it rejects a header.
      await expect(t, [gzipped, Buffer.from('g')], { bytes, code: 'Z_BUF_ERROR' })
      await expect(t, [gzipped, Buffer.from([0x1f])], { bytes, code: 'Z_BUF_ERROR' })
      await expect(t, [gzipped, Buffer.from([0x1f, 0x8b])], { bytes, code: 'Z_BUF_ERROR' })
      await expect(t, [gzipped, Buffer.from([0x1f, 0])], { bytes, code: 'Z_DATA_ERROR', read: gzipped.length + 1 })
    }
  })

  test(`${name}: yields everything before a cut, then throws`, async t => {
    const { gzipped, bytes } = memberOfSize(READ_SIZE + 5)
    // All but the last 8 bytes, the checksum and the size, are needed to inflate it.
    for (const cut of [1, 4, 8])
      await expect(t, gzipped.subarray(0, gzipped.length - cut), { bytes, code: 'Z_BUF_ERROR' })
    for (const cut of [READ_SIZE - 1, READ_SIZE, READ_SIZE / 2])
      await expect(t, gzipped.subarray(0, cut), { prefixOf: bytes, code: 'Z_BUF_ERROR' })
    await expect(t, Buffer.alloc(0), { bytes: Buffer.alloc(0), code: 'Z_BUF_ERROR' })
  })

  test(`${name}: throws a read error after yielding everything read before it`, async t => {
    // The first three reads fill a chunk.
    await failRead(t, 4)
    const chunks: Buffer[] = []
    const bytes = someBytes(4 * READ_SIZE)
    const path = await file(t, gzip(bytes, { level: 0 }))
    const reading = async () => {
      for await (const chunk of inflate(path, { read: 0 }, [], inflateOnce)) {
        chunks.push(Buffer.from(chunk))
        // Long enough for the read-ahead to fail in the meantime.
        await sleep(50)
      }
    }
    await assert.rejects(reading, { code: 'EIO' })
    const read = Buffer.concat(chunks)
    assert.ok(read.length > 3 * READ_SIZE - 1000 && read.equals(bytes.subarray(0, read.length)))
    await expectClosed(path)
  })

  test(`${name}: closes the file when the reader stops early`, { skip: NO_PROC }, async t => {
    const path = await file(t, gzip(someBytes(4 * CHUNK_SIZE)))
    for await (const chunk of inflate(path, { read: 0 }, [], inflateOnce)) {
      assert.ok(chunk.length > 0)
      break
    }
    await expectClosed(path)
  })

  async function expect(t: TestContext, gzipped: Buffer | Buffer[], expected: Expected): Promise<void> {
    const content = Buffer.concat([gzipped].flat())
    const { bytes, code, read } = await inflated(await file(t, content), inflateOnce)
    assert.equal(code, expected.code)
    if (expected.bytes) assert.ok(bytes.equals(Buffer.concat([expected.bytes].flat())), `${bytes.length} bytes`)
    if (expected.prefixOf) assert.ok(bytes.equals(expected.prefixOf.subarray(0, bytes.length)) && bytes.length > 0)
    if (!('read' in expected)) assert.equal(read, content.length)
    else if (expected.read !== undefined) assert.equal(read, expected.read)
  }
}

test('recovers the same bytes from a file with any byte damaged', async t => {
  const text = Buffer.from('the quick brown fox jumps over the lazy dog, '.repeat(8))
  const whole = Buffer.concat([gzipMembers(Buffer.concat([text, someBytes(30), text]), 2), Buffer.alloc(3)])
  const path = await file(t, whole)
  const codes = new Set<string | undefined>()
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole)
    damaged[at] = (damaged[at] as number) ^ ([1, 0x80, 0xff][at % 3] as number)
    await writeFile(path, damaged)
    const [direct, stream] = await Promise.all([inflated(path, inflateDirectly), inflated(path, inflateWithStream)])
    assert.ok(direct.bytes.equals(stream.bytes), `${direct.bytes.length} of ${stream.bytes.length} bytes, ${at}`)
    assert.deepEqual([direct.code, direct.message], [stream.code, stream.message])
    codes.add(direct.code)
  }
  assert.ok(codes.has('Z_DATA_ERROR'))
})

test('recovers the same bytes from a large damaged file', async t => {
  const random = new Random(5)
  const words = Array.from({ length: 200 }, () => someBytes(random.int(2, 40)))
  const text = Buffer.concat(Array.from({ length: 300_000 }, () => words[random.int(0, 199)] as Buffer))
  const whole = gzipMembers(text, 2)
  const path = await file(t, whole)
  assert.ok(whole.length > READ_SIZE / 3 && text.length > 2 * CHUNK_SIZE, `${whole.length} ${text.length}`)
  for (let i = 0; i < 8; i++) {
    const damaged = Buffer.from(whole)
    const at = random.int(20, whole.length - 100)
    damaged.fill(0xff, at, at + 30)
    await writeFile(path, damaged)
    const direct = await inflated(path, inflateDirectly)
    const stream = await inflated(path, inflateWithStream)
    assert.ok(direct.bytes.equals(stream.bytes) && direct.bytes.length > 0, `${i}`)
    assert.deepEqual([direct.code, direct.message, direct.read], [stream.code, stream.message, stream.read])
    assert.equal(direct.code, 'Z_DATA_ERROR')
  }
})

test('fills recycled buffers again', async t => {
  const buffers = new Set<ArrayBuffer>()
  const recycled: Buffer<ArrayBuffer>[] = []
  const path = await file(t, gzip(someBytes(4 * CHUNK_SIZE)))
  for await (const { buffer } of inflate(path, { read: 0 }, recycled)) {
    buffers.add(buffer)
    recycled.push(Buffer.from(buffer))
  }
  assert.equal(buffers.size, 1)
})

test('closes the file if there is no memory for buffers', { skip: NO_PROC }, async t => {
  const path = await file(t, gzip(someBytes(100)))
  t.mock.method(Buffer, 'allocUnsafeSlow', () => {
    throw new RangeError('Array buffer allocation failed')
  })
  await assert.rejects(inflateDirectly(path, WHOLE, { read: 0 }).next(), RangeError)
  assert.equal(await timesOpen(path), 0)
})

test('waits for a pending read before it closes the file', async t => {
  const path = await file(t, gzip(someBytes(4 * READ_SIZE), { level: 0 }))
  const results: string[] = []
  let started = 0
  await mockHandleRead(t, async read => {
    started++
    await sleep(20)
    const result = await read().catch(error => error)
    results.push(result.code ?? 'read')
    return result
  })
  for await (const chunk of inflate(path, { read: 0 }, [], inflateDirectly)) {
    assert.equal(chunk.length, CHUNK_SIZE)
    break
  }
  assert.equal(started, 4)
  assert.deepEqual(results, Array(started).fill('read'))
})

test('calls zlib directly only if the internals of Node work as expected', () => {
  assert.equal(canInflateDirectly(), true)
  const broken: ((gunzip: Internals) => unknown)[] = [
    () => ({}),
    gunzip => ({ ...gunzip, _handle: {} }),
    gunzip => replaceWriteSync(gunzip, () => {}),
    gunzip => replaceWriteSync(gunzip, () => assert.fail()),
    gunzip => ({ ...gunzip, _handle: gunzip._handle }),
    gunzip => ({ _handle: gunzip._handle, _writeState: [0, 0], close: () => gunzip.close() }),
    gunzip => ({ _handle: gunzip._handle, _writeState: undefined, close: () => gunzip.close() }),
    gunzip => {
      Object.defineProperty(gunzip._handle, 'onerror', { get: () => () => {}, set: () => {} })
      return gunzip
    },
  ]
  for (const breakIt of broken)
    assert.equal(
      canInflateDirectly(() => breakIt(createGunzip() as unknown as Internals) as object),
      false,
      `${breakIt}`,
    )
})

test('the inflate thread waits for buffers, and fills those that it gets back', async t => {
  const path = await file(t, gzip(someBytes(6 * CHUNK_SIZE), { level: 0 }))
  const url = new URL('../../lib/alerts/inflate-thread.js', import.meta.url)
  const thread = new Worker(url, { workerData: { path, maxPending: 2 } })
  t.after(() => thread.terminate())
  const sizes: number[] = []
  thread.on('message', ({ buffer }) => sizes.push(buffer.byteLength))
  await waitFor(() => sizes.length === 2)
  await sleep(100)
  assert.deepEqual(sizes, [CHUNK_SIZE, CHUNK_SIZE])
  // A buffer of another size shows that the thread uses it.
  const buffer = new ArrayBuffer(1000)
  thread.postMessage(buffer, [buffer])
  await waitFor(() => sizes.length === 3)
  await sleep(100)
  assert.deepEqual(sizes, [CHUNK_SIZE, CHUNK_SIZE, 1000])
})

interface Expected {
  bytes?: Buffer | Buffer[]
  /** Bytes of which the result must be a prefix. */
  prefixOf?: Buffer
  code?: string
  /** Expected `progress.read`: by default the size of the file; undefined if it may be less. */
  read?: number | undefined
}

interface Internals {
  _handle: { writeSync: unknown }
  _writeState: unknown
  close: () => void
}

const WHOLE = { intact: 0, pieceSize: READ_SIZE, recycled: [] }

function replaceWriteSync(gunzip: Internals, writeSync: () => void): Internals {
  gunzip._handle.writeSync = writeSync
  return gunzip
}

/** A gzip member of exactly `size` bytes, padded by a file name in its header. */
function memberOfSize(size: number): { gzipped: Buffer; bytes: Buffer } {
  const bytes = someBytes(size - 1000)
  const missing = size - gzip(bytes).length
  const gzipped = gzip(bytes, { name: 'x'.repeat(missing - 1) })
  assert.equal(gzipped.length, size)
  return { gzipped, bytes }
}

/** Makes one of the reads of a file fail. */
async function failRead(t: TestContext, number: number): Promise<void> {
  const error = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
  let reads = 0
  await mockHandleRead(t, read => (++reads === number ? Promise.reject(error) : read()))
  const read = fs.read as (...args: unknown[]) => void
  t.mock.method(fs, 'read', (...args: unknown[]) => {
    if (++reads === number) queueMicrotask(() => (args.at(-1) as (error: Error) => void)(error))
    else read(...args)
  })
}

type ReadResult = ReturnType<FileHandle['read']>

async function mockHandleRead(t: TestContext, mock: (read: () => ReadResult) => ReadResult): Promise<void> {
  const handle = await open(import.meta.filename)
  await handle.close()
  const prototype = Object.getPrototypeOf(handle)
  const read = prototype.read as (...args: unknown[]) => ReadResult
  t.mock.method(prototype, 'read', function (this: FileHandle, ...args: unknown[]) {
    return mock(() => read.apply(this, args))
  })
}

async function file(t: TestContext, bytes: Buffer): Promise<string> {
  const path = join(await temporaryFolder(t), 'file.tar.gz')
  await writeFile(path, bytes)
  return path
}

function someBytes(size: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4))
  const random = new Random(size)
  for (let i = 0; i < words.length; i++) words[i] = random.int(0, 0xffffffff)
  return Buffer.from(words.buffer).subarray(0, size)
}

async function expectClosed(path: string): Promise<void> {
  if (NO_PROC) return
  await waitFor(async () => (await timesOpen(path)) === 0)
}

/** Number of descriptors that this process has open for a file. */
async function timesOpen(path: string): Promise<number> {
  const links = (await readdir(DESCRIPTORS)).map(name => readlink(join(DESCRIPTORS, name)).catch(() => ''))
  return (await Promise.all(links)).filter(target => target === path).length
}

async function waitFor(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500 && !(await isTrue()); tries++) await sleep(10)
  assert.ok(await isTrue())
}
