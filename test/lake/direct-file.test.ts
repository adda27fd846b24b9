import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DirectFile } from '../../lib/lake/direct-file.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'

const BLOCK = 4 << 20
const SIZES = [0, 1, 4095, 4096, 4097, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 12_345]

test('a file has the bytes that were appended, whatever their number and the size of their parts', async t => {
  const folder = await temporaryFolder(t)
  for (const size of SIZES)
    for (const part of [size || 1, 1_000_003]) {
      const bytes = new Random(size + 1).bytes(size)
      const path = join(folder, `${size}-${part}`)
      const file = await DirectFile.create(path)
      for (let at = 0; at < size; at += part) await file.append(bytes.subarray(at, at + part))
      const written = await file.close()
      assert.ok((await readFile(path)).equals(bytes), `${size} bytes`)
      assert.deepEqual(written, { bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') })
    }
})

test('two files at once share the blocks, and one that is abandoned gives its own back', async t => {
  const folder = await temporaryFolder(t)
  const bytes = new Random(5).bytes(5 * BLOCK)
  for (let i = 0; i < 5; i++) {
    const given = await DirectFile.create(join(folder, 'given up'))
    await given.append(bytes.subarray(0, 100))
    await given.abandon()
  }
  const files = await Promise.all(['one', 'two'].map(name => DirectFile.create(join(folder, name))))
  for (let at = 0; at < bytes.length; at += 1 << 20)
    for (const file of files) await file.append(bytes.subarray(at, at + (1 << 20)))
  for (const file of files) await file.close()
  for (const name of ['one', 'two']) assert.ok((await readFile(join(folder, name))).equals(bytes))
})

test('where a file system refuses direct writes only when they come, the cache is used', async t => {
  const path = join(await temporaryFolder(t), 'file')
  const bytes = new Random(6).bytes(2 * BLOCK + 5)
  const file = new DirectFile(path, await failing(path, 'EINVAL'))
  await file.append(bytes)
  assert.equal((await file.close()).bytes, bytes.length)
  assert.ok((await readFile(path)).equals(bytes))
})

test('a disk that is full is told by the next call, and the blocks are there for others', async t => {
  const folder = await temporaryFolder(t)
  for (let i = 0; i < 5; i++) {
    const path = join(folder, String(i))
    const file = new DirectFile(path, await failing(path, 'ENOSPC'))
    await file.append(new Uint8Array(BLOCK + 1))
    await assert.rejects(file.close(), { code: 'ENOSPC' })
  }
})

/** A handle whose writes are refused. */
async function failing(path: string, code: string): Promise<FileHandle> {
  const handle = await open(path, 'w')
  handle.write = () => Promise.reject(Object.assign(new Error(code), { code }))
  return handle
}
