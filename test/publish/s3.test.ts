import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { TransientError } from '../../lib/core/retry.ts'
import { S3Target } from '../../lib/publish/s3.ts'
import { s3Error } from '../../lib/publish/s3-errors.ts'
import { TargetUnusable, WrongBytes } from '../../lib/publish/target.ts'
import { brokenStream, contentOf, streamOf, textOf } from '../support/content.ts'
import { type Answer, serve } from '../support/http-server.ts'

Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' })

const FILE = 'lake/a b/100% #1?é.parquet'

test('sends the SHA-256 for the server to verify', async t => {
  const { target, objects } = await open(t)
  await target.put(FILE, contentOf('first'))
  await target.put(FILE, contentOf('second'))
  assert.deepEqual([...objects], [[`/bucket/pre fix/${FILE}`, 'second']])
  const wrong = contentOf('right', () => streamOf('wrong'))
  await assert.rejects(target.put(FILE, wrong), error => error instanceof WrongBytes && error.message.includes(FILE))
  assert.equal(await textOf(target, FILE), 'second')
})

test('reads back a file that the server has not verified, and deletes it if it is wrong', async t => {
  const { target, objects, methods } = await open(t, { verifies: false })
  await target.put(FILE, contentOf('right'))
  assert.deepEqual(methods(), ['PUT', 'GET'])
  await assert.rejects(
    target.put(
      FILE,
      contentOf('right', () => streamOf('wrong')),
    ),
    WrongBytes,
  )
  assert.equal(objects.size, 0)
})

test('passes on errors of the local file', async t => {
  const { target } = await open(t)
  await assert.rejects(
    target.put(
      FILE,
      contentOf('bytes', () => brokenStream('by')),
    ),
    { code: 'EIO' },
  )
  const message = `the local copy of ${FILE} has 2 bytes, expected 5`
  await assert.rejects(
    target.put(
      FILE,
      contentOf('bytes', () => streamOf('by')),
    ),
    { message },
  )
})

test('lists all pages, without objects that mark folders', async t => {
  const { url, asked } = await serve(t, ({ url: { searchParams } }) => {
    const next = searchParams.get('continuation-token') ? '' : '<NextContinuationToken>2</NextContinuationToken>'
    const keys = next ? ['lake/', 'lake/a &amp; b'] : ['lake/é']
    const contents = keys.map(key => `<Contents><Key>pre fix/${key}</Key><Size>7</Size></Contents>`).join('')
    return { body: `<ListBucketResult>${next}${contents}</ListBucketResult>` }
  })
  const target = await S3Target.open('s3://bucket/pre fix', url)
  const expected = ['lake/a & b', 'lake/é'].map(path => ({ path, bytes: 7 }))
  assert.deepEqual(await target.list('lake'), expected)
  assert.deepEqual(
    asked.map(({ url }) => url.searchParams.get('prefix')),
    ['pre fix/lake/', 'pre fix/lake/'],
  )
})

test('returns nothing for what does not exist', async t => {
  const { target } = await open(t)
  assert.equal(await target.get(FILE), undefined)
  await target.delete(FILE)
})

const ERRORS: [kind: unknown, name: string, status: number, expected: RegExp][] = [
  [TargetUnusable, 'AccessDenied', 403, /^s3:\/\/bucket\/x denies access \(AccessDenied\): check the credentials/],
  [TargetUnusable, 'SignatureDoesNotMatch', 403, /denies access/],
  [TargetUnusable, 'XAdminUserNotFound', 404, /denies access/],
  [TargetUnusable, 'RequestTimeTooSkewed', 403, /: set the clock$/],
  [TargetUnusable, 'NoSuchBucket', 404, /^there is no bucket of s3:\/\/bucket\/x: create it first$/],
  [TargetUnusable, 'PermanentRedirect', 301, /: set AWS_REGION to it$/],
  [TargetUnusable, 'XMinioStorageFull', 507, /is full \(XMinioStorageFull\) and refuses .*: free some space/],
  [TargetUnusable, 'QuotaExceeded', 403, /is full/],
  [WrongBytes, 'BadDigest', 400, /received other bytes/],
  [TransientError, 'SlowDown', 503, /^the S3 server http:\/\/s reports an error \(SlowDown, 503\)$/],
  [TransientError, 'IncompleteBody', 400, /reports an error/],
  [TransientError, 'UnknownError', 502, /reports an error \(502\)$/],
  [Error, 'EntityTooLarge', 400, /refuses a request .*\(EntityTooLarge, 400\): why$/],
]

test('says whether another attempt may succeed', () => {
  for (const [kind, name, status, expected] of ERRORS) {
    const thrown = Object.assign(new Error('why'), { name, $metadata: { httpStatusCode: status } })
    const error = s3Error(thrown, 's3://bucket/x', 'http://s')
    assert.equal(error.constructor, kind, name)
    assert.match(error.message, expected)
  }
})

test('says how to give credentials', () => {
  const none = Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  })
  assert.match(s3Error(none, 's3://b', '').message, /^there are no credentials for s3:\/\/b: set AWS_ACCESS_KEY_ID and/)
  const expired = Object.assign(none, { message: 'The SSO session has expired.' })
  assert.match(
    s3Error(expired, 's3://b', '').message,
    /^there are no credentials for s3:\/\/b \(The SSO session has expired\): set/,
  )
})

test('explains an answer that is not of S3, and connections that fail', async t => {
  const cases: [Answer, unknown, RegExp][] = [
    [
      { status: 404, body: 'Not found' },
      TargetUnusable,
      /does not speak the protocol of S3 \(status 404\): set ENDPOINT=/,
    ],
    [{ status: 502, body: '<html>bad' }, TransientError, /^the S3 server http:\S+ reports an error \(502\)$/],
    [{ drop: true }, TransientError, /^the S3 server http:\S+ has closed the connection$/],
  ]
  for (const [answer, kind, expected] of cases) {
    const { url } = await serve(t, () => answer)
    const target = await S3Target.open('s3://bucket', url)
    for (const call of [() => target.list('lake'), () => target.put(FILE, contentOf('x'))])
      await assert.rejects(call(), (error: Error) => error.constructor === kind && expected.test(error.message))
  }
})

/** A target on a server which keeps objects, and verifies their SHA-256 or ignores it. */
async function open(t: TestContext, { verifies = true } = {}) {
  const objects = new Map<string, string>()
  const { url, asked } = await serve(t, ({ method, url, headers, body }) => {
    const path = decodeURIComponent(url.pathname)
    const sent = headers['x-amz-checksum-sha256']
    const sha256 = createHash('sha256').update(body).digest('base64')
    if (method === 'PUT' && verifies && sent !== sha256)
      return { status: 400, body: '<Error><Code>BadDigest</Code><Message>other bytes</Message></Error>' }
    if (method === 'PUT') objects.set(path, `${body}`)
    if (method === 'DELETE') objects.delete(path)
    if (method === 'GET' && !objects.has(path))
      return { status: 404, body: '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>' }
    return {
      headers: verifies ? { 'x-amz-checksum-sha256': sha256 } : {},
      body: (method === 'GET' && objects.get(path)) || '',
    }
  })
  const target = await S3Target.open('s3://bucket/pre fix', url)
  return { target, objects, methods: () => asked.map(({ method }) => method) }
}
