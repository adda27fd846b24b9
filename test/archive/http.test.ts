import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { probe, readText } from '../../lib/archive/http.ts'
import { TransientError } from '../../lib/core/retry.ts'
import { type Archive, type Fault, startArchive } from '../support/archive.ts'
import { makeNight } from '../support/night.ts'

const NIGHT = makeNight({ night: '20180713', alerts: 3 })

test('asks for the size, the ETag and the date of a file', async t => {
  const { etag, ...known } = await probe(new URL(NIGHT.name, (await open(t)).url))
  assert.deepEqual(known, { bytes: NIGHT.bytes.length, modified: 'Fri, 13 Jul 2018 07:22:00 GMT' })
  assert.match(etag ?? '', /^"\w+-\w+"$/)
})

test('returns nothing about a file if the server does not support HEAD', async t => {
  const archive = await open(t)
  for (const status of [405, 501]) {
    archive.faults.set(NIGHT.name, { status, method: 'HEAD' })
    assert.deepEqual(await probe(new URL(NIGHT.name, archive.url)), {})
  }
})

const PERMANENT: Record<string, Fault> = {
  'the archive requires a password (401)': { status: 401 },
  'the archive denies access (403)': { status: 403 },
  'the archive has no such file (404)': { status: 404 },
  'the archive refuses the request (418)': { status: 418 },
  'the archive redirects in a loop': { status: 302, headers: { Location: '.' } },
}

const TRANSIENT: Record<string, Fault> = {
  'the archive refuses the request (408)': { status: 408 },
  'the archive receives too many requests (429)': { status: 429 },
  'the archive reports a server error (500)': { status: 500 },
  'the archive reports a server error (502)': { status: 502 },
  'the archive is overloaded (503)': { status: 503 },
  'the archive reports a server error (504)': { status: 504 },
  'the archive reports a server error (520)': { status: 520 },
  'the archive reports a server error (524)': { status: 524 },
  'the archive sends too many HTTP headers': { headers: { 'X-Long': 'x'.repeat(100_000) } },
  'the connection failed or was closed': { cutAfter: 50 },
}

for (const [kind, faults] of Object.entries({ permanent: PERMANENT, transient: TRANSIENT }))
  for (const [message, fault] of Object.entries(faults))
    test(`reports a ${kind} error: ${message}`, async t => {
      const archive = await open(t)
      archive.faults.set('', fault)
      const error = await errorOf(archive)
      assert.deepEqual([error.message, error instanceof TransientError], [message, kind === 'transient'])
    })

test('reports a connection that is reset, or refused, as a transient error', async t => {
  const archive = await open(t)
  archive.faults.set('', { resetAfter: 50 })
  const reset = await errorOf(archive)
  await archive.close()
  const refused = await errorOf(archive)
  assert.deepEqual(
    [reset.message, refused.message],
    ['the connection failed or was closed', 'the archive refuses the connection'],
  )
  assert.ok(reset instanceof TransientError && refused instanceof TransientError)
})

test('reports a host name that does not exist', async () => {
  const message = /^the archive's host name cannot be resolved/
  await assert.rejects(readText(new URL('http://archive.invalid/')), { message })
})

test('reports a server without TLS as a permanent error', async t => {
  const { port } = await plainServer(t)
  await assert.rejects(readText(new URL(`https://127.0.0.1:${port}/`)), (error: Error) => {
    assert.match(error.message, /^no secure connection to the archive is possible \(\w*SSL\w*\)$/)
    return !(error instanceof TransientError)
  })
})

test('reports an answer that is not HTTP as a transient error', async t => {
  const server = createTcpServer(socket => socket.end('no such protocol\n\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const error = await errorOf({ url: `http://127.0.0.1:${port}/` })
  assert.deepEqual(
    [error.message, error instanceof TransientError],
    ['the archive does not answer in valid HTTP', true],
  )
})

test('reports a port that fetch blocks as a permanent error', async () => {
  const error = await errorOf({ url: 'http://127.0.0.1:6000/' })
  assert.match(error.message, /^Node\.js refuses to connect to the port of the archive's address: /)
  assert.ok(!(error instanceof TransientError))
})

test('reads Retry-After in seconds or as a date', async t => {
  const archive = await open(t)
  const delay = async (header: string) => {
    archive.faults.set('', { status: 503, headers: { 'Retry-After': header } })
    const error = await errorOf(archive)
    return error instanceof TransientError ? error.retryAfterMs : assert.fail()
  }
  assert.deepEqual(
    [await delay('7'), await delay('soon'), await delay(new Date(0).toUTCString())],
    [7000, undefined, 0],
  )
  const ms = (await delay(new Date(Date.now() + 3_600_000).toUTCString())) ?? Number.NaN
  assert.ok(ms > 1_800_000 && ms <= 3_600_000, String(ms))
})

test('stops reading a text that is too large', async t => {
  const archive = await open(t)
  archive.faults.set('', { body: 'x'.repeat(3000) })
  const message = 'it is larger than 2000 bytes, too large for a listing'
  await assert.rejects(readText(new URL(archive.url), 2000), { message })
  assert.equal((await readText(new URL(archive.url), 3000)).length, 3000)
})

async function open(t: TestContext): Promise<Archive> {
  const archive = await startArchive(new Map([[NIGHT.name, NIGHT.bytes]]))
  t.after(() => archive.close())
  return archive
}

/** The error of reading the archive's page. */
function errorOf({ url }: Pick<Archive, 'url'>): Promise<Error> {
  return readText(new URL(url)).then(
    () => assert.fail(),
    (error: Error) => error,
  )
}

async function plainServer(t: TestContext): Promise<AddressInfo> {
  const server = createServer((_, response) => void response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return server.address() as AddressInfo
}
