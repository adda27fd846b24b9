import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fetchListing } from '../../lib/archive/fetch-listing.ts'
import { type Archive, type Fault, startArchive } from '../support/archive.ts'
import { ADDRESS, nightEntry, tableText } from '../support/archive-table.ts'
import { temporaryFolder } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'
import { NO_ARCHIVE, SHARED } from '../support/shared.ts'

const POLICY = { maxAttempts: 4, firstDelayMs: 0, stallSeconds: 5 }
const NIGHT = makeNight({ night: '20180713', alerts: 3 })
const ERROR_PAGE = { body: '<html><title>Sorry</title><p>The archive is closed today.</p></html>' }

test("reads the archive's page and its checksums", async t => {
  const { md5, lines } = await list(await open(t))
  assert.match(md5, /^[0-9a-f]{32}$/)
  assert.deepEqual(lines, [])
})

test('retries the page and the checksums after a transient error', async t => {
  const archive = await open(t)
  for (const name of ['', 'MD5SUMS']) archive.faults.set(name, { status: 500, times: 2 })
  const { md5, lines } = await list(archive)
  assert.equal(md5.length, 32)
  const urls = ['', '', 'MD5SUMS', 'MD5SUMS'].map(name => archive.url + name)
  const reason = 'the archive reports a server error (500): retrying in 0.0 s'
  assert.deepEqual(
    lines,
    urls.map(url => `${url}: ${reason}`),
  )
})

const FAILURES: Record<string, [string, Fault, string, number]> = {
  'a transient error of the page that does not end': ['', { status: 503 }, 'the archive is overloaded (503)', 3],
  'a permanent error of the page': ['', { status: 403 }, 'the archive denies access (403)', 0],
  'an error page with status 200': [
    '',
    ERROR_PAGE,
    'the listing contains no night: expected rows of name, date and size',
    0,
  ],
  'a transient error of the checksums': ['MD5SUMS', { status: 503 }, 'the archive is overloaded (503)', 3],
  'an archive that asks for a long delay': [
    '',
    { status: 503, headers: { 'Retry-After': '3600' } },
    'the archive is overloaded (503): it asks for a retry in 1 h, longer than the limit of 3 min',
    0,
  ],
}

for (const [what, [name, fault, message, retries]] of Object.entries(FAILURES))
  test(`fails on ${what}`, async t => {
    const archive = await open(t)
    archive.faults.set(name, fault)
    const lines: string[] = []
    const advice = name ? '' : ': if a browser can open the page, save it and set LISTING= to the file'
    await assert.rejects(
      fetchListing(new URL(archive.url), '', line => lines.push(line), POLICY),
      { message: `cannot read ${archive.url}${name}: ${message}; nothing was changed${advice}` },
    )
    assert.equal(lines.length, retries)
  })

const WITHOUT_CHECKSUMS: Record<string, [Fault, string]> = {
  'is missing': [{ status: 404 }, 'cannot be read: the archive has no such file (404)'],
  'is an error page with status 200': [ERROR_PAGE, 'contains no listed file'],
}

for (const [what, [fault, reason]] of Object.entries(WITHOUT_CHECKSUMS))
  test(`lists nights without checksums if MD5SUMS ${what}`, async t => {
    const archive = await open(t)
    archive.faults.set('MD5SUMS', fault)
    const { md5, lines } = await list(archive)
    assert.deepEqual([md5, lines], ['', [`no new checksums, keeping the known ones: ${archive.url}MD5SUMS ${reason}`]])
  })

test('reads a file that the user names', async t => {
  const path = join(await temporaryFolder(t), 'table.txt')
  await writeFile(path, tableText([nightEntry('20200101')]))
  const [row] = await fetchListing(ADDRESS, path, () => assert.fail())
  assert.equal(row?.url, `${ADDRESS}ztf_public_20200101.tar.gz`)
  await assert.rejects(
    fetchListing(ADDRESS, `${path}.none`, () => {}),
    {
      message: `cannot read LISTING=${path}.none: ${path}.none does not exist: was it moved, or is its disk not mounted?`,
    },
  )
})

test('refuses a file without end', { skip: existsSync('/dev/zero') ? false : 'no /dev/zero' }, async () => {
  await assert.rejects(
    fetchListing(ADDRESS, '/dev/zero', () => {}),
    { message: 'cannot read LISTING=/dev/zero: it is larger than 67108864 bytes, too large for a listing' },
  )
})

test('reads the same rows from the real page and from the table copied from it', { skip: NO_ARCHIVE }, async () => {
  const read = (name: string) => fetchListing(ADDRESS, join(SHARED, 'listing', name), () => {})
  const [page, copied] = await Promise.all([read('index.html'), read('clipboard.txt')])
  assert.equal(page.length, 2964)
  assert.deepEqual(copied, page)
})

async function open(t: TestContext): Promise<Archive> {
  const archive = await startArchive(new Map([[NIGHT.name, NIGHT.bytes]]))
  t.after(() => archive.close())
  return archive
}

/** The MD5 of the night in the archive's listing, and the lines for the user. */
async function list({ url }: Archive): Promise<{ md5: string; lines: string[] }> {
  const lines: string[] = []
  const listing = await fetchListing(new URL(url), '', line => lines.push(line), POLICY)
  const row = listing.find(({ name }) => name === NIGHT.name) ?? assert.fail()
  return { md5: row.md5, lines }
}
