import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { GcsServer } from '../support/gcs-server.ts'
import { HdfsServer } from '../support/hdfs-server.ts'
import { assertOneError } from '../support/message.ts'
import { type Address, closing, FolderPlace, makeAt, type Place } from '../support/place.ts'
import { assertPublished, assertWholeNights, lakeToPublish, publishable } from '../support/published.ts'
import { gcsFault, proxied } from '../support/server-faults.ts'
import { VersityServer } from '../support/versity-server.ts'

describe('make publish', { concurrency: true }, () => {
  test('says that HDFS is full, and continues once the quota is larger', async t => {
    const paths = await lakeToPublish(t)
    const hdfs = closing(t, await HdfsServer.start({ blockBytes: 1 << 20 }))
    // A file counts as a whole block while it is written, so this is full after half of the lake if files are copied singly.
    await hdfs.setQuota((1 << 20) + (await halfOf(paths)))
    const stems = await assertFull(
      hdfs,
      hdfs,
      paths,
      /^error: the quota of hdfs:\S+\/ztf is used up \(.*\): free/,
      '-j1',
    )
    assert.ok(stems.length > 0)
    await hdfs.setQuota(undefined)
    await assertCompletes(hdfs, paths)
  })

  test('says that an S3 server is full, and continues once it has space', { skip: NO_DISK }, async t => {
    const paths = await lakeToPublish(t)
    const disk = await Disk.mount(t, '4m')
    const server = closing(t, await VersityServer.start(disk.folder))
    await disk.fill(await halfOf(paths))
    await assertFull(
      server,
      server,
      paths,
      /^error: the S3 server http:\S+ is full \(InsufficientStorage\) and refuses s3:\/\/lake\/ztf\/\S+: free/,
    )
    await disk.free()
    await assertCompletes(server, paths)
    assert.deepEqual(await server.unfinishedUploads(), [])
  })

  test('says that the disk of a folder is full, and continues once it has space', { skip: NO_DISK }, async t => {
    const paths = await lakeToPublish(t)
    const disk = await Disk.mount(t, '4m')
    const place = new FolderPlace(join(disk.folder, 'published'))
    await disk.fill(await halfOf(paths))
    const message = new RegExp(
      `^error: the disk of ${disk.folder} is full: free some space, or set TO= to another disk, `,
    )
    await assertFull(place, place, paths, message)
    await disk.free()
    await assertCompletes(place, paths)
  })

  test('says that a quota of GCS is used up, and continues once it is larger', async t => {
    const paths = await lakeToPublish(t)
    const gcs = closing(t, await GcsServer.start())
    let uploads = 0
    const proxy = await proxied(t, gcs, ({ method }) =>
      method === 'POST' && uploads++ >= 7 ? gcsFault(403, 'quotaExceeded', 'Quota exceeded') : undefined,
    )
    await assertFull(proxy, gcs, paths, /^error: the quota of gs:\/\/lake\/ztf is used up \(403, Quota exceeded\): /)
    await assertCompletes(gcs, paths)
  })
})

/** Half of the bytes that are published. */
async function halfOf(paths: Paths): Promise<number> {
  return [...(await publishable(paths)).values()].reduce((sum, { length }) => sum + length, 0) >> 1
}

/** Asserts that publishing ends with one error, and leaves whole nights only; returns their stems. */
async function assertFull(
  address: Address,
  place: Place,
  paths: Paths,
  message: RegExp,
  jobs = '-j3',
): Promise<string[]> {
  assert.match(assertOneError(await makeAt(address, paths.data, ['publish', jobs])), message)
  const stems = await assertWholeNights(place, await publishable(paths))
  assert.ok(stems.length < 5, stems.join())
  return stems
}

async function assertCompletes(place: Place, paths: Paths): Promise<void> {
  const { status, out, err } = await makeAt(place, paths.data, ['publish', '-j3'])
  assert.equal(status, 0, out + err)
  await assertPublished(place, await publishable(paths))
}
