import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DirectFile } from '../../lib/core/direct-file.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'

const BLOCK = 4 << 20
const SIZES = [0, 1, 4095, 4096, 4097, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 12_345]

test('writes the bytes that were appended, whatever their number and the size of each part', async t => {
  const folder = await temporaryFolder(t)
  for (const size of SIZES)
    for (const part of [size || 1, 1_000_003]) {
      const bytes = new Random(size + 1).bytes(size)
      const path = join(folder, `${size}-${part}`)
      const file = await DirectFile.create(path)
      for (let i = 0; i < size; i += part) await file.append(bytes.subarray(i, i + part))
      const written = await file.close()
      assert.ok((await readFile(path)).equals(bytes), `${size} bytes`)
      assert.deepEqual(written, { bytes: size, sha256: createHash('sha256').update(bytes).digest('hex') })
    }
})

test('shares blocks between two files, and returns those of an abandoned one', async t => {
  const folder = await temporaryFolder(t)
  const bytes = new Random(5).bytes(5 * BLOCK)
  for (let i = 0; i < 5; i++) {
    const abandoned = await DirectFile.create(join(folder, 'abandoned'))
    await abandoned.append(bytes.subarray(0, 100))
    await abandoned.abandon()
  }
  const files = await Promise.all(['one', 'two'].map(name => DirectFile.create(join(folder, name))))
  for (let i = 0; i < bytes.length; i += 1 << 20)
    for (const file of files) await file.append(bytes.subarray(i, i + (1 << 20)))
  for (const file of files) await file.close()
  for (const name of ['one', 'two']) assert.ok((await readFile(join(folder, name))).equals(bytes))
})

test('uses the page cache if the file system accepts O_DIRECT but refuses the writes', async t => {
  const path = join(await temporaryFolder(t), 'file')
  const bytes = new Random(6).bytes(2 * BLOCK + 5)
  const file = new DirectFile(path, await failing(path, 'EINVAL'))
  await file.append(bytes)
  assert.equal((await file.close()).bytes, bytes.length)
  assert.ok((await readFile(path)).equals(bytes))
})

test('reports a full disk at the next call, and returns the blocks', async t => {
  const folder = await temporaryFolder(t)
  for (let i = 0; i < 5; i++) {
    const path = join(folder, String(i))
    const file = new DirectFile(path, await failing(path, 'ENOSPC'))
    await file.append(new Uint8Array(BLOCK + 1))
    await assert.rejects(file.close(), { code: 'ENOSPC' })
  }
})

/** A handle whose writes fail. */
async function failing(path: string, code: string): Promise<FileHandle> {
  const handle = await open(path, 'w')
  handle.write = () => Promise.reject(Object.assign(new Error(code), { code }))
  return handle
}
