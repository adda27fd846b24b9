import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FolderTarget } from '../../lib/publish/folder.ts'
import { TargetUnusable, WrongBytes } from '../../lib/publish/target.ts'
import { brokenStream, contentOf, streamOf, textOf } from '../support/content.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { temporaryFolder } from '../support/folder.ts'
import { logSyncs } from '../support/log-syncs.ts'

const FILE = 'lake/a b/100% #1?.parquet'

test('creates and replaces a file, and leaves nothing in the staging folder', async t => {
  const target = await open(t)
  await target.put(FILE, contentOf('first'))
  await target.put(FILE, contentOf('second'))
  assert.equal(await textOf(target, FILE), 'second')
  assert.deepEqual(await target.list('lake'), [{ path: FILE, bytes: 6 }])
})

test('keeps the old file if other bytes arrive', async t => {
  const target = await open(t)
  await target.put(FILE, contentOf('old'))
  const [long, short] = [streamOf('right bytes', '!'), streamOf('right')]
  const sources = { 'more than 11 bytes': long, '5 bytes': short, 'the SHA-256': streamOf('wrong bytes') }
  for (const [found, source] of Object.entries(sources))
    await assert.rejects(
      target.put(
        FILE,
        contentOf('right bytes', () => source),
      ),
      error => error instanceof WrongBytes && error.message.includes(` has ${found}`),
    )
  assert.equal(await textOf(target, FILE), 'old')
  assert.deepEqual(await target.list(''), [{ path: FILE, bytes: 3 }])
})

test('passes on errors of the local file, which are not those of the target', async t => {
  const target = await open(t)
  const broken = target.put(
    FILE,
    contentOf('right bytes', () => brokenStream('right')),
  )
  await assert.rejects(broken, { code: 'EIO', message: 'EIO: i/o error, read' })
})

test('lists every file, also hidden ones and those that links lead to', async t => {
  const target = await open(t)
  for (const path of ['lake/_a', 'lake/.b/.c', 'elsewhere/d']) await target.put(path, contentOf(path))
  await symlink('../elsewhere', join(target.address, 'lake/link'))
  await symlink('nowhere', join(target.address, 'lake/dangling'))
  const paths = (await target.list('lake')).map(({ path }) => path).sort()
  assert.deepEqual(paths, ['lake/.b/.c', 'lake/_a', 'lake/dangling', 'lake/link/d'])
  assert.deepEqual(await target.list('nothing'), [])
})

test('syncs the new names of files and folders to disk', async t => {
  const target = await open(t)
  const log = logSyncs(t)
  await target.put('from/a', contentOf('a'))
  await target.move('from', 'to/night')
  const [put, syncPut, moved, syncMoved] = log.filter(line => /^rename|sync .*\/(from|to)$/.test(line))
  assert.ok(put?.startsWith('rename ') && moved?.startsWith('rename '), log.join('\n'))
  assert.deepEqual(
    [syncPut, syncMoved],
    ['from', 'to'].map(name => `sync ${join(target.address, name)}`),
  )
})

test('moves a folder to an empty one, but not to one with files', async t => {
  const target = await open(t)
  await mkdir(join(target.address, 'to/night'), { recursive: true })
  await target.put('from/a', contentOf('a'))
  await target.move('from', 'to/night')
  assert.deepEqual(await target.list(''), [{ path: 'to/night/a', bytes: 1 }])
  await target.put('from/b', contentOf('b'))
  await assert.rejects(target.move('from', 'to/night'), /night: directory not empty/)
})

test('succeeds if an earlier attempt has moved a file, and fails if there is none', async t => {
  const target = await open(t)
  await target.put('a', contentOf('a'))
  await target.move('a', 'x/b')
  await target.move('a', 'x/b')
  assert.deepEqual(await target.list('x'), [{ path: 'x/b', bytes: 1 }])
  await assert.rejects(target.move('a', 'x/c'), /does not exist/)
})

test('deletes files and folders, and accepts that there are none', async t => {
  const target = await open(t)
  for (const path of ['lake/a/b', 'lake/a/c', 'lake/d']) await target.put(path, contentOf(path))
  for (const path of ['lake/a', 'lake/d', 'lake/e']) await target.delete(path)
  assert.deepEqual(await target.list('lake'), [])
  assert.equal(await target.get('lake/d'), undefined)
})

test('does not create the folder that a disk is mounted on', async t => {
  const folder = await temporaryFolder(t)
  const target = new FolderTarget(join(folder, 'disk/ztf'))
  for (const call of [() => target.put(FILE, contentOf('x')), () => target.list('lake')])
    await assert.rejects(
      call(),
      error => error instanceof TargetUnusable && /disk does not exist: is its/.test(error.message),
    )
  assert.deepEqual(await readdir(folder), [])
})

test('reports a disk that is full or read-only as unusable', { skip: NO_DISK }, async t => {
  const disk = await Disk.mount(t, '1m')
  const target = new FolderTarget(disk.folder)
  const put = () => target.put('lake/a', contentOf(Buffer.alloc(2e6)))
  await assert.rejects(put(), error => {
    return (
      error instanceof TargetUnusable && /disk-\w+ is full: free some space, or set TO= to another/.test(error.message)
    )
  })
  assert.deepEqual(await target.list(''), [], 'the space is free again')
  disk.remount('ro')
  await assert.rejects(put(), error => error instanceof TargetUnusable && /read-only/.test(error.message))
})

test('replaces a link in the staging folder instead of writing through it', async t => {
  const target = await open(t)
  await mkdir(join(target.address, 'lake/_staging'), { recursive: true })
  await writeFile(join(target.address, 'other'), 'mine')
  await symlink('../../other', join(target.address, 'lake/_staging/lake-a.part'))
  await target.put('lake/a', contentOf('a'))
  assert.equal(await readFile(join(target.address, 'other'), 'utf8'), 'mine')
})

async function open(t: TestContext): Promise<FolderTarget> {
  return new FolderTarget(join(await temporaryFolder(t), 'ztf'))
}
