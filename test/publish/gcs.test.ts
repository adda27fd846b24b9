import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { TransientError } from '../../lib/core/retry.ts'
import { GcsTarget } from '../../lib/publish/gcs.ts'
import { credentialsError } from '../../lib/publish/gcs-errors.ts'
import { TargetUnusable, WrongBytes } from '../../lib/publish/target.ts'
import { brokenStream, contentOf, streamOf, textOf } from '../support/content.ts'
import { type Answer, serve } from '../support/http-server.ts'

const FILE = 'lake/a b/100% #1?é.parquet'

test('sends the MD5 for the server to verify', async t => {
  const { target, objects } = await open(t)
  await target.put(FILE, contentOf('first'))
  await target.put(FILE, contentOf('second'))
  assert.deepEqual([...objects], [[`pre fix/${FILE}`, 'second']])
  assert.equal(await textOf(target, FILE), 'second')
})

test('does not upload other bytes than expected', async t => {
  const { target, objects } = await open(t)
  for (const [source, expected] of [
    ['wrong', /has the SHA-256/],
    ['rig', /has 3 bytes, expected 5$/],
  ] as const) {
    const put = target.put(
      FILE,
      contentOf('right', () => streamOf(source)),
    )
    await assert.rejects(put, error => error instanceof WrongBytes && expected.test(error.message))
  }
  await assert.rejects(
    target.put(
      FILE,
      contentOf('right', () => brokenStream('rig')),
    ),
    { code: 'EIO' },
  )
  assert.equal(objects.size, 0)
})

test('reports bytes that change between the computation of the MD5 and the upload', async t => {
  const { target, objects } = await open(t)
  const sources = ['right', 'wrong']
  const changing = () => streamOf(sources.shift() ?? '')
  await assert.rejects(target.put(FILE, contentOf('right', changing)), error => {
    return error instanceof WrongBytes && /received other bytes .*MD5/.test(error.message)
  })
  assert.equal(objects.size, 0)
})

test('reads back a file that the server has not verified, and deletes it if it is wrong', async t => {
  const { target, objects } = await open(t, { verifies: false })
  const sources = ['right', 'wrong']
  const changing = () => streamOf(sources.shift() ?? '')
  await assert.rejects(target.put(FILE, contentOf('right', changing)), /has the SHA-256/)
  assert.equal(objects.size, 0)
  await target.put(FILE, contentOf('right'))
  assert.equal(objects.size, 1)
})

test('lists all pages, without objects that mark folders', async t => {
  const { url, asked } = await serve(t, ({ url: { searchParams } }) => {
    const isFirst = !searchParams.get('pageToken')
    const names = isFirst ? ['lake/', 'lake/a b'] : ['lake/é']
    const items = names.map(name => ({ name: `pre fix/${name}`, size: '7' }))
    return { body: JSON.stringify({ items, ...(isFirst && { nextPageToken: 'a+b' }) }) }
  })
  const target = await GcsTarget.open('gs://bucket/pre fix', url)
  assert.deepEqual(
    await target.list('lake'),
    ['lake/a b', 'lake/é'].map(path => ({ path, bytes: 7 })),
  )
  assert.deepEqual(
    asked.map(({ url }) => url.searchParams.get('pageToken')),
    [null, 'a+b'],
  )
  assert.equal(asked[0]?.url.searchParams.get('prefix'), 'pre fix/lake/')
  assert.equal(asked[0]?.headers.authorization, undefined, 'an emulator gets no credentials')
})

test('returns nothing for what does not exist', async t => {
  const { target } = await open(t)
  assert.equal(await target.get(FILE), undefined)
  await target.delete(FILE)
})

test('distinguishes a missing bucket from a missing object', async t => {
  const body = JSON.stringify({ error: { message: 'The specified bucket does not exist.' } })
  const { url } = await serve(t, () => ({ status: 404, body }))
  const target = await GcsTarget.open('gs://bucket/x', url)
  await assert.rejects(target.get(FILE), /^Error: there is no bucket of gs:\/\/bucket\/x: create it first$/)
})

test('says whether another attempt may succeed', async t => {
  const failure = (message: string, reason = '') => JSON.stringify({ error: { message, errors: [{ reason }] } })
  const cases: [Answer, unknown, RegExp][] = [
    [
      { status: 401, body: failure('Invalid Credentials') },
      TargetUnusable,
      /^gs:\/\/bucket\/x denies access \(401, Invalid Cr/,
    ],
    [{ status: 403, body: failure('no access') }, TargetUnusable, /: check the credentials, and what they allow$/],
    [
      { status: 403, body: failure('Quota exceeded', 'quotaExceeded') },
      TargetUnusable,
      /^the quota of gs:\S+ is used up \(403, Quota exceeded\): raise it/,
    ],
    [
      { status: 403, body: failure('slow down', 'rateLimitExceeded') },
      TransientError,
      /reports an error \(403, slow down\)$/,
    ],
    [
      { status: 404, body: failure('The specified bucket does not exist.') },
      TargetUnusable,
      /^there is no bucket of gs:/,
    ],
    [{ status: 429, body: failure('too many') }, TransientError, /reports an error \(429, too many\)$/],
    [{ status: 503, body: '<html>' }, TransientError, /^the server http:\S+ reports an error \(503\)$/],
    [
      { status: 400, body: failure('Invalid argument.') },
      Error,
      /refuses a request for .* \(400, Invalid argument\.\)$/,
    ],
    [{ body: '<html>' }, TargetUnusable, /^the server http:\S+ does not speak the protocol of Google Cloud Storage/],
    [{ drop: true }, TransientError, /^the server http:\S+ has closed the connection$/],
  ]
  for (const [answer, kind, expected] of cases) {
    const { url } = await serve(t, () => answer)
    const target = await GcsTarget.open('gs://bucket/x', url)
    for (const call of [() => target.list('lake'), () => target.put(FILE, contentOf('x'))])
      await assert.rejects(call(), (error: Error) => error.constructor === kind && expected.test(error.message))
  }
})

test('waits as long as the server asks for', async t => {
  const { url } = await serve(t, () => ({ status: 429, headers: { 'Retry-After': 7 } }))
  const target = await GcsTarget.open('gs://bucket/x', url)
  await assert.rejects(target.list('lake'), (error: TransientError) => error.retryAfterMs === 7000)
})

test('says how to give credentials', () => {
  const cases: [Error, unknown, RegExp][] = [
    [
      new Error('Could not load the default credentials. Browse to https:'),
      TargetUnusable,
      /^there are no credentials for gs:\/\/b: run gcloud auth/,
    ],
    [
      Object.assign(new Error('invalid_grant'), { status: 400 }),
      TargetUnusable,
      /cannot be used \(invalid_grant\): run gcloud/,
    ],
    [
      Object.assign(new Error('oops'), { status: 503 }),
      TransientError,
      /authorization server reports an error \(503, oops\)$/,
    ],
    [
      Object.assign(new Error('x'), { code: 'ECONNRESET' }),
      TransientError,
      /^Google's authorization server has closed/,
    ],
  ]
  for (const [cause, kind, expected] of cases) {
    const error = credentialsError(cause, 'gs://b')
    assert.equal(error.constructor, kind)
    assert.match(error.message, expected)
  }
})

/** A target on a server which keeps objects, and verifies their MD5 or ignores it. */
async function open(t: TestContext, { verifies = true } = {}) {
  const objects = new Map<string, string>()
  const { url } = await serve(t, ({ method, url, body }) => {
    if (method === 'POST') {
      const parts = /^--(.+)\r\n.+\r\n\r\n(.+)\r\n--\1\r\n.+\r\n\r\n(.*)\r\n--\1--\r\n$/.exec(`${body}`)
      const [, , metadata = '', content = ''] = parts ?? []
      const { name, md5Hash } = JSON.parse(metadata)
      const found = createHash('md5').update(content).digest('base64')
      if (verifies && md5Hash !== found)
        return {
          status: 400,
          body: JSON.stringify({ error: { message: `Provided MD5 hash "${md5Hash}" doesn't match` } }),
        }
      objects.set(name, content)
      return { body: JSON.stringify(verifies ? { md5Hash: found } : {}) }
    }
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    const found = objects.get(name)
    if (found === undefined)
      return { status: 404, body: JSON.stringify({ error: { message: `No such object: ${name}` } }) }
    if (method === 'DELETE') objects.delete(name)
    return { body: found }
  })
  return { target: await GcsTarget.open('gs://bucket/pre fix', url), objects }
}
