import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'
import { GcsServer } from '../support/gcs-server.ts'
import { HdfsServer } from '../support/hdfs-server.ts'
import { assertOneError } from '../support/message.ts'
import { type Address, closing, makeAt } from '../support/place.ts'
import { lakeToPublish } from '../support/published.ts'
import { gcsFault, proxied, s3Fault } from '../support/server-faults.ts'
import { VersityServer } from '../support/versity-server.ts'

const PUBLISH = ['publish', '-j3']
/** Without credentials in files, or in the metadata of a machine in a cloud. */
const NO_CREDENTIALS = {
  ...{ HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', METADATA_SERVER_DETECTION: 'none' },
  ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', GOOGLE_APPLICATION_CREDENTIALS: '' },
}

describe('make publish', { concurrency: true }, () => {
  test('says which credentials of S3 are wrong or missing, or that the bucket is', async t => {
    const paths = await lakeToPublish(t)
    const server = closing(t, await VersityServer.start())
    const wrong = { ...server.env, AWS_SECRET_ACCESS_KEY: 'wrong' }
    const { address, endpoint, env } = server
    const refused = [
      [
        { address, endpoint, env: wrong },
        /s3:\/\/lake\/ztf\S* denies access \(SignatureDoesNotMatch\): check the cred/,
      ],
      [
        { address, endpoint, env: { ...env, ...NO_CREDENTIALS } },
        /there are no credentials for s3:\/\/lake\/ztf\S*: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
      ],
      [{ address: 's3://other/ztf', endpoint, env }, /there is no bucket of s3:\/\/other\/ztf\S*: create it first/],
    ] as const
    for (const [place, message] of refused) assert.match(assertOneError(await publish(place, paths)), message)
    assert.deepEqual(await server.list(), [])

    const readOnly = await proxied(t, server, ({ method }) =>
      method === 'PUT' ? s3Fault(403, 'AccessDenied') : undefined,
    )
    assert.match(assertOneError(await publish(readOnly, paths)), /s3:\/\/lake\/ztf\S* denies access \(AccessDenied\): /)
    assert.deepEqual(await server.list(), [])
  })

  test('says which credentials of GCS are wrong or missing, or that the bucket is', async t => {
    const paths = await lakeToPublish(t)
    const gcs = closing(t, await GcsServer.start())
    const unknown = gcsFault(401, 'authError', 'Invalid Credentials')
    const forbidden = gcsFault(403, 'forbidden', 'x does not have storage.objects.create access')
    const { endpoint } = gcs
    const refused = [
      [await proxied(t, gcs, () => unknown), /gs:\/\/lake\/ztf denies access \(401, Invalid Credentials\): check the/],
      [
        await proxied(t, gcs, ({ method }) => (method === 'POST' ? forbidden : undefined)),
        /denies access \(403, x does/,
      ],
      [{ address: 'gs://other/ztf', endpoint, env: {} }, /there is no bucket of gs:\/\/other\/ztf: create it first/],
      [
        { address: 'gs://lake/ztf', endpoint: '', env: NO_CREDENTIALS },
        /there are no credentials for gs:\/\/lake\/ztf: run gcloud auth application-default login/,
      ],
    ] as const
    for (const [place, message] of refused) assert.match(assertOneError(await publish(place, paths)), message)
    assert.deepEqual(await gcs.list(), [])
  })

  test('says that a folder of HDFS belongs to another user', async t => {
    const paths = await lakeToPublish(t)
    const hdfs = closing(t, await HdfsServer.start())
    await hdfs.forbid('private')
    const others = [`${hdfs.address}/private`, hdfs.address.replace(/ztf$/, 'other')]
    for (const address of others) {
      const { endpoint, env } = hdfs
      const message = assertOneError(await publish({ address, endpoint, env }, paths))
      assert.match(message, /hdfs:\S+ denies access \(Permission denied: .*\): set HADOOP_USER_NAME to a user who may/)
      assert.ok(message.includes(address), message)
    }
    assert.deepEqual(await hdfs.list(), [])
  })

  test('says that a folder is on a disk that is read-only or missing', { skip: NO_DISK }, async t => {
    const paths = await lakeToPublish(t)
    const disk = await Disk.mount(t)
    disk.remount('ro')
    const address = join(disk.folder, 'published')
    const readOnly = assertOneError(await publish({ address, endpoint: '', env: {} }, paths))
    assert.match(readOnly, /published\S* is on a disk that is mounted read-only: .* or set TO= to another disk/)
    assert.deepEqual(await disk.names(), [])
    const missing = { address: join(disk.folder, 'mnt/published'), endpoint: '', env: {} }
    assert.match(assertOneError(await publish(missing, paths)), /\/mnt does not exist: is its disk mounted\?$/)
  })

  test('says that no server listens at ENDPOINT', async t => {
    const paths = await lakeToPublish(t)
    const [address, endpoint] = ['s3://lake/ztf', 'http://127.0.0.1:1']
    const ran = await publish({ address, endpoint, env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } }, paths)
    assert.match(
      ran.err,
      /^error: the S3 server http:\/\/127\.0\.0\.1:1 refuses the connection \(ENDPOINT= sets its address\)\n/,
    )
    assert.equal(ran.out.match(/^waiting .*: retrying in \d+\.0 s$/gm)?.length, 4, ran.out)
    assert.notEqual(ran.status, 0)
  })

  test('refuses addresses that it cannot publish to, without showing a password', async t => {
    const paths = await lakeToPublish(t)
    const link = join(await temporaryFolder(t), 'link')
    await symlink(paths.data, link)
    const before = await snapshot(paths.data)
    const refused = [
      ['', '', /^error: TO is empty: expected hdfs:/],
      ['ftp://x', '', /^error: TO is 'ftp:\/\/x': expected hdfs:/],
      ['s3://user:secret@bucket', '', /^error: TO contains a user name or a password: expected an address without/],
      ['s3://lake/ztf', 'http://user:secret@host', /^error: ENDPOINT contains a user name or a password: expected/],
      ['s3://lake/ztf', 'nonsense', /^error: ENDPOINT is 'nonsense': expected an http or https address/],
      [paths.data, '', /^error: TO is '\S+', which overlaps with DATA='\S+': give a folder outside DATA/],
      [paths.lake, '', /^error: TO is '\S+', which overlaps with DATA='\S+': give a folder outside DATA/],
      [
        join(link, 'published/here'),
        '',
        /^error: TO is '\S+', which overlaps with DATA='\S+': give a folder outside DATA/,
      ],
    ] as const
    for (const [address, endpoint, message] of refused) {
      const ran = await publish({ address, endpoint, env: NO_CREDENTIALS }, paths)
      assert.match(assertOneError(ran), message)
      assert.ok(!`${ran.out}${ran.err}`.includes('secret'), ran.out + ran.err)
    }
    assert.deepEqual(await snapshot(paths.data), before)
  })
})

function publish(place: Address, paths: Paths) {
  return makeAt(place, paths.data, PUBLISH)
}
