import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertWritable, diskOf } from '../../lib/core/disk.ts'
import { describeError } from '../../lib/core/errors.ts'
import {
  createExclusive,
  exists,
  filterLimit,
  glob,
  isNfsLeftover,
  listNames,
  makeFolder,
  mapLimit,
  md5Of,
  move,
  parseOptional,
  readOptional,
  remove,
  replaceFile,
  sha256Of,
  sha256OfBytes,
  statOptional,
  syncToDisk,
  writeAtomic,
  writeChanged,
} from '../../lib/core/files.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { temporaryFolder } from '../support/folder.ts'

test('writes a file with its missing folders, and leaves no temporary file', async t => {
  const folder = await temporaryFolder(t)
  await writeAtomic(join(folder, 'a/b/file'), 'text')
  assert.equal(await readFile(join(folder, 'a/b/file'), 'utf8'), 'text')
  assert.deepEqual(await readdir(join(folder, 'a/b')), ['file'])
})

test('names the final path if a write fails, and removes the temporary file', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'taken')
  await mkdir(path)
  await assert.rejects(writeAtomic(path, 'text'), { path })
  assert.deepEqual(await readdir(folder), ['taken'])
})

test('replaces a link with the name of the temporary file, and does not write through it', async t => {
  const folder = await temporaryFolder(t)
  const at = (name: string) => join(folder, name)
  await writeFile(at('other'), 'kept')
  for (const name of ['a.part', '.trial.part']) await symlink('other', at(name))
  await writeAtomic(at('a'), 'text')
  await assertWritable(folder)
  assert.deepEqual(await readdir(folder), ['a', 'other'])
  assert.equal(await readFile(at('other'), 'utf8'), 'kept')
})

test('keeps a folder with the name of the temporary file, and names it', async t => {
  const folder = await temporaryFolder(t)
  const part = join(folder, 'file.part')
  await mkdir(part)
  await writeFile(join(part, 'kept'), '')
  const message = `${part} is a folder, expected a file: move it, then run this again`
  assert.equal(await writeAtomic(join(folder, 'file'), '').catch(describeError), message)
  assert.deepEqual([await readdir(folder), await readdir(part)], [['file.part'], ['kept']])
})

test('replaces a file with that of one of two writers at once, whichever ends last', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'file')
  const replace = (text: string, wait?: Promise<unknown>) =>
    replaceFile(path, async temporary => {
      await writeFile(temporary, text)
      await wait
      await appendFile(temporary, text)
    })
  await replace('a', replace('b'))
  assert.equal(await readFile(path, 'utf8'), 'aa')
  const failing = async (temporary: string) => writeFile(temporary, 'c').then(() => assert.fail('stopped'))
  await assert.rejects(replaceFile(path, failing), { message: 'stopped' })
  assert.deepEqual([await readdir(folder), await readFile(path, 'utf8')], [['file'], 'aa'])
})

test('does not wait for the writer of a named pipe', async t => {
  const path = join(await temporaryFolder(t), 'pipe')
  execFileSync('mkfifo', [path])
  assert.equal(await readOptional(path), '')
})

test('writes a file again only if its content differs', async t => {
  const path = join(await temporaryFolder(t), 'file')
  assert.deepEqual([await writeChanged(path, '1'), await writeChanged(path, '1')], [true, false])
  assert.equal(await writeChanged(path, '2'), true)
})

test('creates a file for exactly one of many callers', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'file')
  const created = await Promise.all(Array.from({ length: 20 }, (_, i) => createExclusive(path, String(i))))
  assert.equal(created.filter(Boolean).length, 1)
  assert.equal(await readFile(path, 'utf8'), String(created.indexOf(true)))
  assert.deepEqual(await readdir(folder), ['file'])
})

test('returns undefined, or nothing, for files and folders that do not exist', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  for (const missing of [join(folder, 'missing'), join(folder, 'file/below')]) {
    assert.deepEqual([await readOptional(missing), await statOptional(missing)], [undefined, undefined])
    assert.deepEqual([await listNames(missing), await exists(missing)], [[], false])
    await syncToDisk(missing)
  }
  await remove(join(folder, 'missing'))
})

test('counts a dangling link as existing, but does not list it as a file', async t => {
  const folder = await temporaryFolder(t)
  await symlink('nowhere', join(folder, 'dangling.txt'))
  await writeFile(join(folder, 'b.txt'), '')
  await symlink('b.txt', join(folder, 'a.txt'))
  assert.equal(await exists(join(folder, 'dangling.txt')), true)
  assert.deepEqual(await glob(folder, '*.txt'), ['a.txt', 'b.txt'])
  assert.deepEqual(await glob(join(folder, 'missing'), '*'), [])
})

test('reads corrupt JSON as undefined', () => {
  assert.deepEqual(
    [parseOptional('{"a":1}'), parseOptional('{"a": \0'), parseOptional('')],
    [{ a: 1 }, undefined, undefined],
  )
})

test('creates a folder with its parents, and accepts an existing one', async t => {
  const folder = join(await temporaryFolder(t), 'a/b/c')
  await makeFolder(folder)
  await makeFolder(folder)
  assert.ok((await lstat(folder)).isDirectory())
})

test('refuses to create a folder below a file or a dangling link', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  await symlink('nowhere', join(folder, 'link'))
  await assert.rejects(makeFolder(join(folder, 'file')), { code: 'EEXIST' })
  await assert.rejects(makeFolder(join(folder, 'file/below')), { code: 'ENOTDIR' })
  await assert.rejects(makeFolder(join(folder, 'link/below')), { code: 'ENOENT' })
})

test('reports a read-only disk as read-only', { skip: NO_DISK }, async t => {
  const disk = await Disk.mount(t)
  disk.remount('ro')
  await assert.rejects(makeFolder(join(disk.folder, 'a/b')), { code: 'EROFS' })
  await assert.rejects(writeAtomic(join(disk.folder, 'a/file'), 'text'), { code: 'EROFS' })
  disk.remount('rw')
})

test('moves a folder to another disk with its links and times', { skip: NO_DISK }, async t => {
  const [folder, disk] = [await temporaryFolder(t), await Disk.mount(t)]
  const from = join(folder, 'from')
  await mkdir(from)
  await writeFile(join(from, 'file'), 'text')
  await symlink('file', join(from, 'link'))
  const { mtimeMs } = await lstat(join(from, 'file'))
  const to = join(disk.folder, 'below/to')
  await move(from, to)
  assert.deepEqual([await readdir(to), await exists(from)], [['file', 'link'], false])
  assert.ok((await lstat(join(to, 'link'))).isSymbolicLink())
  assert.ok(Math.abs((await lstat(join(to, 'file'))).mtimeMs - mtimeMs) < 1)
  assert.notEqual((await diskOf(folder)).disk, (await diskOf(join(disk.folder, 'not/there/yet'))).disk)
})

test('leaves a file where it is, and no part of it elsewhere, if the other disk is full', {
  skip: NO_DISK,
}, async t => {
  const [folder, disk] = [await temporaryFolder(t), await Disk.mount(t, '1m')]
  const [from, to] = [join(folder, 'from'), join(disk.folder, 'to')]
  await writeFile(from, Buffer.alloc(2 << 20))
  await assert.rejects(move(from, to), { code: 'ENOSPC', path: to })
  assert.deepEqual([(await lstat(from)).size, await readdir(disk.folder)], [2 << 20, []])
})

test('replaces the part of a file that a killed process left on the other disk', { skip: NO_DISK }, async t => {
  const [folder, disk] = [await temporaryFolder(t), await Disk.mount(t)]
  await mkdir(join(disk.folder, '_to.part'))
  await writeFile(join(folder, 'from'), 'text')
  await move(join(folder, 'from'), join(disk.folder, 'to'))
  assert.deepEqual([await readdir(folder), await readdir(disk.folder)], [[], ['to']])
  assert.equal(await readFile(join(disk.folder, 'to'), 'utf8'), 'text')
})

test('recognises the names that NFS gives to deleted files', () => {
  assert.deepEqual(['.nfs00000000012a3b', '.nfs', 'nfs01', '.nfsx'].map(isNfsLeftover), [true, false, false, false])
})

test('hashes files and bytes', async t => {
  const path = join(await temporaryFolder(t), 'file')
  await writeFile(path, 'abc')
  assert.equal(await md5Of(path), '900150983cd24fb0d6963f7d28e17f72')
  assert.equal(await sha256Of(path), sha256OfBytes('abc'))
  assert.match(sha256OfBytes('abc'), /^ba7816bf8f01cfea/)
})

test('maps many items in order, at most 16 at a time', async () => {
  let [active, most] = [0, 0]
  const numbers = Array.from({ length: 250 }, (_, i) => i)
  const double = async (i: number) => {
    most = Math.max(most, ++active)
    await new Promise(setImmediate)
    active--
    return 2 * i
  }
  const results = await mapLimit(numbers, double)
  assert.deepEqual([results.length, results[249], most], [250, 498, 16])
  most = 0
  assert.deepEqual(await mapLimit(numbers, double, 8), results)
  assert.equal(most, 8)
})

test('filters items in order by an asynchronous test', async () => {
  const items = Array.from({ length: 250 }, (_, i) => i)
  const kept = await filterLimit(items, async i => i % 100 === 7)
  assert.deepEqual(kept, [7, 107, 207])
})

test('reports a folder that cannot be created although its parent exists', {
  skip: !existsSync('/proc/self'),
}, async () => {
  await assert.rejects(makeFolder('/proc/self/no/folder'), { code: 'ENOENT' })
})
