import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bytesToFetch, fetchNight } from '../../lib/archive/download.ts'
import { fetchListing } from '../../lib/archive/fetch-listing.ts'
import type { ListedFile } from '../../lib/archive/listing.ts'
import { Paths } from '../../lib/paths.ts'
import { type Archive, type Fault, startArchive } from '../support/archive.ts'
import { nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'

const POLICY = { maxAttempts: 4, firstDelayMs: 0, stallSeconds: 1 }
/** Large enough for aria2c to resume. */
const LONG = makeNight({ night: '20210401', alerts: 60, stamps: 'real' })
/** A later revision of the same night: the same size, other bytes. */
const LATER = Buffer.from(LONG.bytes).fill(1, LONG.bytes.length / 4, LONG.bytes.length / 2)
const SIZE = LONG.bytes.length
const NIGHT = nightOf(LONG.name)
const HALF = Math.floor(SIZE / 2)

const TRANSIENT: Record<string, Fault> = {
  'answers 500': { status: 500, times: 3 },
  'answers 500 to all GET requests': { status: 500, times: 3, method: 'GET' },
  'answers 503 with Retry-After': { status: 503, headers: { 'Retry-After': '0' }, times: 3 },
  'answers 503 to all GET requests': { status: 503, times: 3, method: 'GET' },
  'resets the connection during the transfer': { resetAfter: HALF, times: 1 },
  'sends a body shorter than promised': { cutAfter: HALF, times: 1 },
  'sends a body longer than promised': { surplus: 5000, times: 1 },
  'stalls during the transfer': { stallAfter: HALF, times: 1 },
}

for (const md5 of ['with an MD5', 'without an MD5'])
  for (const [what, fault] of Object.entries(TRANSIENT))
    test(`resumes after a transient error of a server that ${what}: ${md5}`, async t => {
      const space = await open(t, md5 === 'without an MD5' ? '' : undefined)
      space.archive.faults.set(LONG.name, fault)
      assert.equal(await space.fetch(), SIZE)
      await space.holds(LONG.bytes)
      // aria2c resumes from its last complete block of 16 KiB; a reset also loses data in flight.
      const again = space.archive.sent - SIZE
      assert.ok(again <= (fault.resetAfter ? HALF : 16_384), `${again} bytes were sent again`)
    })

test('sends no credentials of ~/.netrc, and asks no proxy', async t => {
  const space = await open(t)
  const home = await temporaryFolder(t)
  await writeFile(join(home, '.netrc'), 'default login me password secret\n', { mode: 0o600 })
  const proxy = 'http://127.0.0.1:9'
  const variables = { HOME: home, http_proxy: proxy, https_proxy: proxy, all_proxy: proxy, no_proxy: '' }
  const before = { ...process.env }
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
    Object.assign(process.env, before)
  })
  Object.assign(process.env, variables)
  assert.equal(await space.fetch(), SIZE)
  assert.ok(space.archive.requests.every(({ authorization }) => authorization === undefined))
})

test('continues for as long as each attempt makes progress', async t => {
  const space = await open(t)
  space.archive.faults.set(LONG.name, { cutAfter: Math.ceil(SIZE / 20) })
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
  const again = space.archive.sent - SIZE
  assert.ok(again <= 20 * 16_384, `${again} bytes were sent again`)
})

const PERMANENT: Record<string, [Fault, string]> = {
  'answers 403': [{ status: 403 }, 'the archive denies access (403)'],
  'answers 403 to all GET requests': [{ status: 403, method: 'GET' }, 'the archive denies access (403)'],
  'answers 404 to all GET requests': [{ status: 404, method: 'GET' }, 'the archive has no such file (404)'],
  'answers 500 to all requests': [{ status: 500 }, 'the archive reports a server error (500)'],
  'answers 503 to all requests': [{ status: 503, method: 'GET' }, 'the archive is overloaded (503)'],
  'redirects in a loop': [{ status: 302, headers: { Location: LONG.name } }, 'the archive redirects in a loop'],
  'sends an error page with status 200': [
    { body: '<p>The archive is closed today.</p>' },
    'the archive now has 35 B, but listed 2.8 MiB: run make uris to list it again',
  ],
}

for (const [what, [fault, message]] of Object.entries(PERMANENT))
  test(`fails, and keeps the partial file, if the server ${what}`, async t => {
    const space = await open(t)
    await space.fetchHalf()
    space.archive.faults.set(LONG.name, fault)
    await assert.rejects(space.fetch(), { message })
    assert.equal(await space.tarball(), undefined)
    space.archive.faults.clear()
    space.archive.sent = 0
    assert.equal(await space.fetch(), SIZE)
    await space.holds(LONG.bytes)
    assert.ok(space.archive.sent < SIZE, 'the partial file was resumed')
  })

for (const md5 of ['with an MD5', 'without an MD5'])
  test(`drops the partial file of an older revision ${md5}`, async t => {
    const space = await open(t, md5 === 'without an MD5' ? '' : hash(LATER))
    await space.fetchHalf()
    space.publish(LATER)
    assert.equal(await space.fetch(), SIZE)
    await space.holds(LATER)
  })

for (const md5 of ['with an MD5', 'without an MD5'])
  test(`starts again if the file changes between two ranges, ${md5}`, async t => {
    const space = await open(t, md5 === 'without an MD5' ? '' : hash(LATER))
    const { faults } = space.archive
    const change: Fault = { method: 'GET', times: 1, before: async () => space.publish(LATER) }
    faults.set(LONG.name, { cutAfter: HALF, times: 1, before: async () => faults.set(LONG.name, change) })
    assert.equal(await space.fetch(), SIZE)
    await space.holds(LATER)
    assert.deepEqual(space.lines, ['the archive changed the file during the download: retrying in 0.0 s'])
  })

test('gives up on a file that changes during each attempt, and keeps no byte of it', async t => {
  const space = await open(t, '')
  let revision = 0
  space.archive.faults.set(LONG.name, {
    method: 'GET',
    before: async () => space.archive.modified.set(LONG.name, new Date(Date.UTC(2022, 0, ++revision))),
  })
  await assert.rejects(space.fetch(), { message: 'the archive changed the file during the download' })
  assert.equal(revision, POLICY.maxAttempts)
  assert.deepEqual(await readdir(space.paths.tarballs), [`${LONG.name}.part.json`])
})

test('does not publish a file without an MD5 that is too short', async t => {
  const space = await open(t, '')
  space.archive.faults.set(LONG.name, { body: 'x'.repeat(SIZE - 1), method: 'GET' })
  await assert.rejects(space.fetch(), { message: 'the archive sent other bytes than requested' })
  assert.equal(await space.tarball(), undefined)
})

test('drops a partial file without an MD5 that is too long', async t => {
  const space = await open(t, '')
  await space.fetchHalf()
  await appendFile(space.paths.part(NIGHT), Buffer.alloc(SIZE))
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
})

test('downloads from a server that does not support HEAD', async t => {
  const space = await open(t, '')
  space.archive.faults.set(LONG.name, { status: 405, method: 'HEAD' })
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
})

test('moves a file with a wrong MD5 to quarantine', async t => {
  const wrong = '0'.repeat(32)
  const space = await open(t, wrong)
  const reason = `its MD5 is ${hash(LONG.bytes)}, but the archive lists ${wrong}`
  const moved = space.paths.quarantinedTarball(NIGHT)
  await assert.rejects(space.fetch(), { message: `${reason}: moved to ${moved}, the next run downloads it again` })
  assert.deepEqual(await readFile(moved), LONG.bytes)
  assert.deepEqual(await readdir(space.paths.tarballs), [])
})

test('does not replace a folder, a dangling link or a file of unknown origin', async t => {
  const space = await open(t)
  const tarball = space.paths.tarball(NIGHT)
  await mkdir(tarball, { recursive: true })
  await assert.rejects(space.fetch(), { message: /is a folder, expected a file/ })
  await rm(tarball, { recursive: true })
  await symlink('nowhere', tarball)
  await assert.rejects(space.fetch(), { message: /is a link to a missing target/ })
  await rm(tarball)
  await writeFile(tarball, 'mine')
  await assert.rejects(space.fetch(), { message: `${tarball} exists already: delete it, then run this again` })
  assert.equal(await readFile(tarball, 'utf8'), 'mine')
})

test('downloads a file again that ended early without a length and without an MD5', async t => {
  const space = await open(t, '')
  const fault: Fault = { unsized: true, cutAfter: Math.floor(SIZE * 0.97) }
  fault.before = async () => {
    if (space.lines.length > 0) delete fault.cutAfter
  }
  space.archive.faults.set(LONG.name, fault)
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
  assert.deepEqual(space.lines, ['the download seems to have ended early: retrying in 0.0 s'])
})

test('fails if each download without a length ends at another byte', async t => {
  const space = await open(t, '')
  const fault: Fault = { unsized: true }
  fault.before = async () => {
    fault.cutAfter = SIZE - 100 - space.lines.length
  }
  space.archive.faults.set(LONG.name, fault)
  await assert.rejects(space.fetch(), { message: 'the download seems to have ended early' })
  assert.deepEqual(await readdir(space.paths.tarballs), [`${LONG.name}.part.json`])
})

for (const [what, bytes] of [
  ['is cut in the archive', LONG.bytes.subarray(0, SIZE - 100)],
  ['is not gzipped', Buffer.alloc(SIZE)],
] as const)
  test(`accepts a file that ${what} once two downloads without a length are the same`, async t => {
    const space = await open(t, '')
    space.publish(bytes)
    space.archive.faults.set(LONG.name, { unsized: true })
    assert.equal(await space.fetch(), bytes.length)
    await space.holds(bytes)
    assert.equal(space.archive.sent, 2 * bytes.length)
  })

for (const md5 of ['with an MD5', 'without an MD5'])
  test(`stops a body without end at the largest size that fits the listing, ${md5}`, async t => {
    const space = await open(t, md5 === 'without an MD5' ? '' : undefined)
    space.archive.faults.set(LONG.name, { unsized: true, endless: true })
    await assert.rejects(space.fetch(), {
      message:
        /^the archive sends more than 3\.0 MiB, the most that fits the listed size: run make uris to list it again$/,
    })
    assert.deepEqual(await readdir(space.paths.tarballs), [`${LONG.name}.part.json`])
  })

test('fails if the archive sends a few bytes per second', async t => {
  const space = await open(t)
  space.archive.faults.set(LONG.name, { drip: 100 })
  const message = 'the archive sends less than 1.0 KiB/s'
  await assert.rejects(space.fetch({ ...POLICY, maxAttempts: 2 }), { message })
  assert.deepEqual(space.lines, [`${message}: retrying in 0.0 s`])
})

test('resumes from servers that have different ETags and dates if an MD5 is listed', async t => {
  const space = await open(t)
  let server = 0
  space.archive.faults.set(LONG.name, {
    cutAfter: Math.ceil(SIZE / 12),
    before: async () => space.archive.modified.set(LONG.name, new Date(Date.UTC(2022, 0, ++server))),
  })
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
  const again = space.archive.sent - SIZE
  assert.ok(again <= 12 * 16_384, `${again} bytes were sent again`)
})

test('does not write through links with the names of its files', async t => {
  const space = await open(t)
  const outside = join(await temporaryFolder(t), 'outside')
  await mkdir(join(space.paths.tarballs, '.md5'), { recursive: true })
  const links = partFiles(space.paths)
  for (const link of links) {
    await writeFile(outside, 'mine')
    await symlink(outside, link)
    assert.equal(await space.fetch(), SIZE, link)
    await space.holds(LONG.bytes)
    assert.equal(await readFile(outside, 'utf8'), 'mine', link)
    await rm(space.paths.tarball(NIGHT))
  }
})

test('replaces no folder and no named pipe that has the name of one of its files', async t => {
  const space = await open(t)
  await mkdir(join(space.paths.tarballs, '.md5'), { recursive: true })
  for (const path of [...partFiles(space.paths), space.paths.receipt(NIGHT)]) {
    await mkdir(path)
    await assert.rejects(space.fetch(), {
      message: `${path} is a folder, expected a file: move it, then run this again`,
    })
    await rmdir(path)
    execFileSync('mkfifo', [path])
    await assert.rejects(space.fetch(), { message: /is a named pipe, expected a file/ })
    await rm(path)
  }
})

test('counts the bytes that partial files lack', async t => {
  const space = await open(t)
  const rows = [{ ...space.listed, bytes: 1000 }]
  assert.equal(await bytesToFetch(space.paths, rows), 1000)
  await mkdir(space.paths.tarballs, { recursive: true })
  for (const [size, left] of [
    [400, 600],
    [2000, 0],
  ] as const) {
    await writeFile(space.paths.part(NIGHT), Buffer.alloc(size))
    assert.equal(await bytesToFetch(space.paths, rows), left)
  }
})

/** An archive of one night, and a folder to download it to. */
class Download {
  readonly archive: Archive
  readonly paths: Paths
  readonly lines: string[] = []
  private readonly files: Map<string, Buffer>
  readonly listed: ListedFile

  constructor(files: Map<string, Buffer>, archive: Archive, data: string, listed: ListedFile) {
    this.files = files
    this.archive = archive
    this.paths = new Paths(data)
    this.listed = listed
  }

  fetch(policy = POLICY): Promise<number> {
    return fetchNight(this.paths, this.listed, 1, line => this.lines.push(line), policy)
  }

  /** An attempt that fails half-way. */
  async fetchHalf(): Promise<void> {
    const { faults } = this.archive
    const refuse = async () => faults.set(LONG.name, { status: 403, method: 'GET' })
    faults.set(LONG.name, { cutAfter: HALF, before: refuse })
    await assert.rejects(this.fetch(), { message: 'the archive denies access (403)' })
    faults.clear()
  }

  /** Replaces the night in the archive. */
  publish(bytes: Buffer): void {
    this.files.set(LONG.name, bytes)
    this.archive.modified.set(LONG.name, new Date('2022-02-02T02:02:02Z'))
  }

  async tarball(): Promise<Buffer | undefined> {
    const path = this.paths.tarball(NIGHT)
    return existsSync(path) ? readFile(path) : undefined
  }

  /** Asserts that the tarball is complete, and that no other file is left. */
  async holds(bytes: Buffer): Promise<void> {
    assert.ok((await this.tarball())?.equals(bytes))
    assert.deepEqual(
      (await readdir(this.paths.tarballs)).filter(name => name !== '.md5'),
      [LONG.name],
    )
  }
}

/** @param md5 listed instead of the correct one */
async function open(t: TestContext, md5?: string): Promise<Download> {
  const files = new Map([[LONG.name, LONG.bytes]])
  const archive = await startArchive(files)
  t.after(() => archive.close())
  const listing = await fetchListing(new URL(archive.url), '', () => {}, POLICY)
  const listed = listing.find(({ name }) => name === LONG.name) ?? assert.fail()
  archive.sent = 0
  return new Download(files, archive, await temporaryFolder(t), { ...listed, md5: md5 ?? listed.md5 })
}

/** Files that a download writes before the tarball has its name. */
function partFiles(paths: Paths): string[] {
  const part = paths.part(NIGHT)
  return [
    part,
    `${part}.aria2`,
    `${part}.aria2__temp`,
    `${part}.json`,
    `${part}.json.part`,
    `${paths.receipt(NIGHT)}.part`,
  ]
}

function hash(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
