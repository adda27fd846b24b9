import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fetchListing } from '../../lib/archive/fetch-listing.ts'
import { probe, readText } from '../../lib/archive/http.ts'
import { TransientError, retry } from '../../lib/archive/retry.ts'
import { makeNight } from '../../lib/synthetic/night.ts'
import { type Archive, type Fault, startArchive } from '../../lib/synthetic/server.ts'

const PATIENCE = { tries: 4, wait: 0, stall: 5 }
const NIGHT = makeNight({ night: '20180713', alerts: 3 })

test('a probe tells what the archive has, and nothing where it does not answer such requests', async t => {
  const archive = await open(t)
  const url = new URL(NIGHT.name, archive.url)
  const { etag, ...known } = await probe(url)
  assert.deepEqual(known, { bytes: NIGHT.bytes.length, modified: 'Fri, 13 Jul 2018 07:22:00 GMT' })
  assert.match(etag ?? '', /^"\w+-\w+"$/)
  for (const status of [405, 501]) {
    archive.faults.set(NIGHT.name, { status, method: 'HEAD' })
    assert.deepEqual(await probe(url), {})
  }
})

const FINAL: Record<string, [Fault, string]> = {
  'a password': [{ status: 401 }, 'the archive asks for a password (401)'],
  'no permission': [{ status: 403 }, 'the archive forbids it (403)'],
  'no such file': [{ status: 404 }, 'the archive has no such file (404)'],
  'a file that has gone': [{ status: 410 }, 'the archive has it no more (410)'],
  'any other refusal': [{ status: 418 }, 'the archive refuses the request (418)'],
  'a redirect without end': [{ status: 302, headers: { Location: '.' } }, 'the archive redirects without end'],
}

for (const [what, [fault, message]] of Object.entries(FINAL))
  test(`${what} is not tried again, and told apart`, async t => {
    const archive = await open(t)
    archive.faults.set('', fault)
    const { notices, error } = await failing(archive)
    assert.deepEqual([notices, error], [[], `${archive.url} cannot be read: ${message}; nothing was changed`])
  })

const PASSING: Record<string, [Fault, string]> = {
  'a request that came too slowly': [{ status: 408 }, 'the archive did not get the request in time (408)'],
  'too many requests': [{ status: 429 }, 'the archive is asked too often (429)'],
  'an error of the server': [{ status: 500 }, 'the archive is out of order (500)'],
  'a bad gateway': [{ status: 502 }, 'the archive is out of order (502)'],
  'an overloaded server': [{ status: 503 }, 'the archive is overloaded (503)'],
  'a gateway that waited in vain': [{ status: 504 }, 'the archive is out of order (504)'],
  'a body shorter than promised': [{ cutAfter: 50 }, 'the connection failed or was cut'],
  'a reset in the body': [{ resetAfter: 50 }, 'the connection failed or was cut'],
}

for (const [what, [fault, message]] of Object.entries(PASSING)) {
  test(`${what} is tried again, and what is listed in the end is the whole`, async t => {
    const archive = await open(t)
    for (const name of ['', 'MD5SUMS']) archive.faults.set(name, { ...fault, times: 2 })
    const notices: string[] = []
    const listing = await fetchListing(new URL(archive.url), '', line => notices.push(line), PATIENCE)
    assert.equal(listing.find(({ name }) => name === NIGHT.name)?.md5.length, 32)
    const urls = ['', '', 'MD5SUMS', 'MD5SUMS'].map(name => archive.url + name)
    assert.deepEqual(
      notices,
      urls.map(url => `${url}: ${message}: again in 0.0 s`),
    )
  })

  test(`${what} that does not end is named in one sentence`, async t => {
    const archive = await open(t)
    archive.faults.set('', fault)
    const { notices, error } = await failing(archive)
    assert.equal(notices.length, PATIENCE.tries - 1)
    assert.equal(error, `${archive.url} cannot be read: ${message}; nothing was changed`)
  })
}

test('a server that nobody listens for, and a name that nobody has, are told apart', async t => {
  const archive = await open(t)
  await archive.close()
  const { notices, error } = await failing(archive)
  assert.equal(notices.length, PATIENCE.tries - 1)
  assert.match(error, / cannot be read: the archive refuses the connection; nothing was changed$/)
  await assert.rejects(readText(new URL('http://archive.invalid/')), {
    message: /^the archive's name cannot be resolved/,
  })
})

test('what is no TLS is not tried again', async t => {
  const { port } = await plainServer(t)
  await assert.rejects(readText(new URL(`https://127.0.0.1:${port}/`)), (error: Error) => {
    assert.match(error.message, /^the archive cannot be trusted \(\w*SSL\w*\)$/)
    return !(error instanceof TransientError)
  })
})

test('the archive is given the time that it asks for, in seconds or until a date, up to three minutes', async t => {
  const archive = await open(t)
  const asked = async (after: string) => {
    archive.faults.set('', { status: 503, headers: { 'Retry-After': after } })
    const error = await readText(new URL(archive.url)).catch((thrown: Error) => thrown)
    return error instanceof TransientError ? error.retryAfterMs : assert.fail()
  }
  assert.equal(await asked('7'), 7000)
  const until = (await asked(new Date(Date.now() + 60_000).toUTCString())) ?? Number.NaN
  assert.ok(until > 0 && until <= 60_000, String(until))
  assert.equal(await asked(new Date(0).toUTCString()), 0)
  assert.equal(await asked('soon'), undefined)
  archive.faults.set('', { status: 503, headers: { 'Retry-After': '3600' } })
  const { notices, error } = await failing(archive)
  assert.deepEqual(notices, [])
  assert.match(
    error,
    /the archive is overloaded \(503\): again in 1:00:00, which is too long to wait; nothing was changed$/,
  )
})

test('waits double, and begin anew with every try that has brought more', async () => {
  const [notices, there]: [string[], number[]] = [[], [0, 0, 0, 5, 5, 5, 3]]
  const failing = retry(
    { tries: 3, wait: 1, stall: 1 },
    line => notices.push(line),
    () => Promise.reject(new TransientError('it fails')),
    async () => there.shift() ?? assert.fail(),
  )
  await assert.rejects(failing, { message: 'it fails' })
  assert.deepEqual([notices.length, there], [4, [3]])
})

test('a page that is an error page with status 200 is named with its address', async t => {
  const archive = await open(t)
  archive.faults.set('', { body: '<html><title>Sorry</title><p>The archive is closed today.</p></html>' })
  const { error } = await failing(archive)
  assert.match(error, /^http:\/\/127\S+ cannot be read: the listing names no night: [^\n]+; nothing was changed$/)
})

test('a page that is too large is not read to its end', async t => {
  const archive = await open(t)
  archive.faults.set('', { body: 'x'.repeat(3000) })
  await assert.rejects(readText(new URL(archive.url), 2000), { message: /^it is larger than 2000 bytes, / })
})

const WITHOUT_SUMS: Record<string, [Fault, string]> = {
  'is not there': [{ status: 404 }, 'cannot be read: the archive has no such file (404)'],
  'is an error page with status 200': [{ body: '<p>The archive is closed.</p>' }, 'names no file that is listed'],
}

for (const [what, [fault, why]] of Object.entries(WITHOUT_SUMS))
  test(`nights are listed without checksums, and that is said, where MD5SUMS ${what}`, async t => {
    const archive = await open(t)
    archive.faults.set('MD5SUMS', fault)
    const notices: string[] = []
    const listing = await fetchListing(new URL(archive.url), '', line => notices.push(line), PATIENCE)
    assert.equal(listing.find(({ name }) => name === NIGHT.name)?.md5, '')
    assert.deepEqual(notices, [`no checksums this time, those known so far stay: ${archive.url}MD5SUMS ${why}`])
  })

async function open(t: TestContext): Promise<Archive> {
  const archive = await startArchive(new Map([[NIGHT.name, NIGHT.bytes]]))
  t.after(() => archive.close())
  return archive
}

/** Lists an archive that cannot be listed: what is said of it meanwhile and in the end. */
async function failing({ url }: Archive): Promise<{ notices: string[]; error: string }> {
  const notices: string[] = []
  const listing = fetchListing(new URL(url), '', line => notices.push(line), PATIENCE)
  const error = await listing.then(
    () => assert.fail(),
    (thrown: Error) => thrown.message,
  )
  return { notices, error }
}

async function plainServer(t: TestContext): Promise<AddressInfo> {
  const server = createServer((_, response) => void response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return server.address() as AddressInfo
}
