import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { Disk, NO_DISK } from '../support/disk.ts'
import { startFaultyProxy } from '../support/faulty-proxy.ts'
import { temporaryFolder } from '../support/folder.ts'
import { GcsServer } from '../support/gcs-server.ts'
import { HdfsServer } from '../support/hdfs-server.ts'
import { MotoServer } from '../support/moto-server.ts'
import { S3_KEY, s3Client } from '../support/s3-bucket.ts'
import type { Server } from '../support/server.ts'
import { VersityServer } from '../support/versity-server.ts'

const PATH = 'year=2020/a b.parquet'
const BYTES = Buffer.from('PAR1 some bytes PAR1')

test('HDFS stores files', async t => {
  const hdfs = await storesFiles(t, await HdfsServer.start())
  const local = join(await temporaryFolder(t), 'local')
  await writeFile(local, BYTES)
  await hdfs.dfs('-put', local, '/ztf/put')
  assert.deepEqual(await hdfs.read('put'), BYTES)
})

test('HDFS refuses files above the quota, and those of a user without permission', async t => {
  const hdfs = await started(t, await HdfsServer.start({ blockBytes: 1 << 20 }))
  await hdfs.forbid('private')
  await assert.rejects(hdfs.write('private/x', BYTES), /403.*AccessControlException/)
  await hdfs.setQuota(3 << 20)
  await hdfs.write('small', Buffer.alloc(1 << 20))
  await assert.rejects(hdfs.write('large', Buffer.alloc(3 << 20)), /403.*DSQuotaExceededException/)
  await hdfs.setQuota(undefined)
  await hdfs.write('large', Buffer.alloc(3 << 20))
})

test('versitygw stores files, and verifies signatures and checksums', async t => {
  const server = await storesFiles(t, await VersityServer.start())
  await assert.rejects(put(server, BYTES, { secret: 'wrong' }), { name: 'SignatureDoesNotMatch' })
  await assert.rejects(put(server, BYTES, { sha256: sha256(Buffer.from('others')) }), { name: 'BadDigest' })
  assert.deepEqual(await server.list(), [])
  await put(server, BYTES)
  assert.deepEqual(await server.unfinishedUploads(), [])
})

test('versitygw refuses files that do not fit on its disk', { skip: NO_DISK }, async t => {
  const disk = await Disk.mount(t, '2m')
  const server = await started(t, await VersityServer.start(disk.folder))
  await put(server, BYTES)
  await assert.rejects(put(server, Buffer.alloc(4 << 20)), { name: 'InsufficientStorage' })
  assert.deepEqual(await server.list(), [{ path: PATH, bytes: BYTES.length }])
})

test('moto stores files, and verifies neither signatures nor checksums', async t => {
  const server = await storesFiles(t, await MotoServer.start())
  await put(server, BYTES, { secret: 'wrong', sha256: sha256(Buffer.from('others')) })
  assert.deepEqual(await server.unfinishedUploads(), [])
})

test('fake-gcs-server stores files, and verifies checksums', async t => {
  const server = await storesFiles(t, await GcsServer.start())
  const upload = (md5Hash: string) => {
    const metadata = JSON.stringify({ name: 'ztf/x', md5Hash })
    const part = (type: string, content: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`
    return fetch(`${server.endpoint}/upload/storage/v1/b/lake/o?uploadType=multipart`, {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/related; boundary=b' },
      body: `${part('application/json', metadata)}${part('application/octet-stream', String(BYTES))}--b--`,
    })
  }
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64')
  assert.equal((await upload(md5(Buffer.from('others')))).status, 400)
  assert.equal((await upload(md5(BYTES))).status, 200)
  assert.deepEqual(await server.list(), [{ path: 'x', bytes: BYTES.length }])
})

test('a faulty proxy keeps signatures valid, and answers, cuts and delays chosen requests', async t => {
  const server = await started(t, await VersityServer.start())
  const faults = [undefined, { status: 503, body: '<Error><Code>SlowDown</Code></Error>' }, { cutRequestAfter: 5 }]
  const proxy = await startFaultyProxy(server.endpoint, { fault: (_, count) => faults[count] })
  t.after(proxy.close)
  await put(proxy, BYTES)
  await server.remove(PATH)
  await assert.rejects(put(proxy, BYTES), { name: 'SlowDown' })
  await assert.rejects(put(proxy, BYTES), { code: 'ECONNRESET' })
  assert.deepEqual(await server.list(), [])
  await put(proxy, Buffer.alloc(8 << 20))
  assert.deepEqual(await server.list(), [{ path: PATH, bytes: 8 << 20 }])
})

test('a faulty proxy passes on the requests to data nodes', async t => {
  const hdfs = await started(t, await HdfsServer.start())
  await hdfs.write(PATH, BYTES)
  let isCut = false
  const proxy = await startFaultyProxy(hdfs.endpoint, {
    rewriteLocation: true,
    fault: ({ url }) => (isCut && url.startsWith('/@') ? { cutResponseAfter: 5 } : undefined),
  })
  t.after(proxy.close)
  const read = async () => {
    const response = await fetch(`${proxy.endpoint}/webhdfs/v1/ztf/${encodeURI(PATH)}?op=OPEN&user.name=ztf`)
    return Buffer.from(await response.arrayBuffer())
  }
  assert.deepEqual(await read(), BYTES)
  assert.equal(proxy.requests.length, 2)
  isCut = true
  await assert.rejects(read())
})

/** Checks that a server stores, lists, corrupts and removes a file, and that it is gone after the test. */
async function storesFiles<T extends Server>(t: TestContext, server: T): Promise<T> {
  await started(t, server)
  assert.deepEqual(await server.list(), [])
  await server.write('z', Buffer.alloc(0))
  await server.write(PATH, BYTES)
  assert.deepEqual(await server.list(), [
    { path: PATH, bytes: BYTES.length },
    { path: 'z', bytes: 0 },
  ])
  assert.deepEqual(await server.read(PATH), BYTES)
  await server.corrupt(PATH)
  const corrupt = await server.read(PATH)
  assert.equal(corrupt.length, BYTES.length)
  assert.notDeepEqual(corrupt, BYTES)
  await server.remove('z')
  await server.remove(PATH)
  assert.deepEqual(await server.list(), [])
  return server
}

/** Closes a server after the test, and checks that it is gone. */
async function started<T extends Server>(t: TestContext, server: T): Promise<T> {
  t.after(async () => {
    await server.close()
    await assert.rejects(fetch(server.endpoint))
    assert.equal(existsSync(`/proc/${server.pid}`), false)
  })
  return server
}

interface PutOptions {
  readonly secret?: string
  /** Checksum to declare, in base64. Default: the right one. */
  readonly sha256?: string
}

async function put({ endpoint }: { endpoint: string }, bytes: Buffer, options: PutOptions = {}): Promise<void> {
  const client = s3Client(endpoint, { ...S3_KEY, secretAccessKey: options.secret ?? S3_KEY.secretAccessKey })
  const checksum = { ChecksumSHA256: options.sha256 ?? sha256(bytes) }
  await client.send(new PutObjectCommand({ Bucket: 'lake', Key: `ztf/${PATH}`, Body: bytes, ...checksum }))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}
