import assert from 'node:assert/strict'
import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkDiskSpace, diskOf, ensureWritable, requireLake } from '../../lib/core/disk.ts'
import { describeError } from '../../lib/core/errors.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { temporaryFolder } from '../support/folder.ts'

test('adds up what folders on the same disk need', async t => {
  const folder = await temporaryFolder(t)
  const { free } = await diskOf(folder)
  const half = (name: string) => ({ folder: join(folder, name), bytes: Math.round(free * 0.6), what: `of ${name}` })
  await checkDiskSpace([half('tarballs')])
  await assert.rejects(
    checkDiskSpace([half('tarballs'), half('lake')]),
    /^Error: \S+ \S+ of tarballs, \S+ \S+ of lake, but the disk of \S+tarballs has only \S+ \S+ free, \S+ \S+ too little: /,
  )
})

test('checks each disk by itself', { skip: NO_DISK }, async t => {
  const [folder, disk] = [await temporaryFolder(t), await Disk.mount(t, '8m')]
  await checkDiskSpace([
    { folder: disk.folder, bytes: 7 << 20, what: 'of lake' },
    { folder, bytes: 9, what: 'more' },
  ])
  const tooMuch = checkDiskSpace([{ folder: disk.folder, bytes: 9 << 20, what: 'of lake' }])
  await assert.rejects(
    tooMuch,
    /^Error: 9\.0 MiB of lake, but the disk of \S+ has only 8\.0 MiB free, 1\.0 MiB too little: /,
  )
})

test('creates the data folder and the folder below it, and leaves nothing in them', async t => {
  const data = join(await temporaryFolder(t), 'data')
  await ensureWritable(data, join(data, 'lake'))
  await ensureWritable(data, join(data, 'lake'))
  assert.deepEqual(await readdir(data, { recursive: true }), ['lake'])
})

test('creates nothing if the disk of the data folder is not mounted', async t => {
  const folder = await temporaryFolder(t)
  const [data, link] = [join(folder, 'mnt/data'), join(folder, 'link')]
  await assert.rejects(ensureWritable(data, join(data, 'lake')), {
    message: `DATA is ${data}, but the folder ${join(folder, 'mnt')} does not exist: is its disk mounted?`,
  })
  await symlink(join(folder, 'elsewhere'), link)
  for (const [parent, below] of [
    [link, join(link, 'lake')],
    [folder, link],
  ] as const)
    await assert.rejects(ensureWritable(parent, below), {
      message: `${link} is a link to a missing target: is its disk mounted?`,
    })
  assert.deepEqual(await readdir(folder), ['link'])
})

test('reports a read-only or a full disk', { skip: NO_DISK }, async t => {
  const disk = await Disk.mount(t, '1m')
  const data = join(disk.folder, 'data')
  const message = () => ensureWritable(data, join(data, 'lake')).then(() => '', describeError)
  disk.remount('ro')
  assert.match(await message(), /^\S+ is on a disk that is mounted read-only: /)
  disk.remount('rw')
  await disk.fill()
  assert.match(await message(), /^the disk of \S+ is full: /)
})

test('reports a missing lake', async t => {
  const folder = await temporaryFolder(t)
  await requireLake(folder)
  const error = await requireLake(join(folder, 'lake')).catch(thrown => thrown)
  assert.equal(describeError(error), `${join(folder, 'lake')} does not exist: run make lake first, or mount its disk`)
})
