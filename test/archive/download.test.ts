import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fetchNight } from '../../lib/archive/download.ts'
import { fetchListing } from '../../lib/archive/fetch-listing.ts'
import type { ListedFile } from '../../lib/archive/listing.ts'
import { Paths } from '../../lib/paths.ts'
import { makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { type Archive, type Fault, startArchive } from '../../lib/synthetic/server.ts'
import { nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { Workspace } from '../support/workspace.ts'

const PATIENCE = { tries: 4, wait: 0, stall: 1 }
/** Long enough for aria2c to go on with. */
const LONG = makeNight({ night: '20210401', alerts: 60, stamps: 'real' })
/** The same night as the archive may publish it later: as long, and other bytes. */
const LATER = Buffer.from(LONG.bytes).fill(1, LONG.bytes.length / 4, LONG.bytes.length / 2)
const SIZE = LONG.bytes.length
const HALF = Math.floor(SIZE / 2)
const [SHORT, OTHER] = [makeNight({ night: '20180713', alerts: 12 }), makeNight({ night: '20191003', alerts: 7 })]
const WRONG = '0'.repeat(32)

const HEALING: Record<string, Fault> = {
  'answers 408': { status: 408, times: 3 },
  'answers 429': { status: 429, headers: { 'Retry-After': '0' }, times: 3 },
  'answers 500': { status: 500, times: 3 },
  'answers 500 to all but probes': { status: 500, times: 3, method: 'GET' },
  'answers 502': { status: 502, times: 3 },
  'answers 503 with Retry-After': { status: 503, headers: { 'Retry-After': '0' }, times: 3 },
  'answers 503 to all but probes': { status: 503, times: 3, method: 'GET' },
  'answers 504': { status: 504, times: 3 },
  'resets the connection in mid-file': { resetAfter: HALF, times: 1 },
  'sends a body shorter than promised': { cutAfter: HALF, times: 1 },
  'sends a body longer than promised': { surplus: 5000, times: 1 },
  'stalls in mid-file': { stallAfter: HALF, times: 1 },
}

for (const md5 of ['with an md5', 'without'])
  for (const [what, fault] of Object.entries(HEALING))
    test(`a download heals, and keeps what has come, from a server that ${what}: ${md5}`, async t => {
      const space = await open(t, md5 === 'without' ? '' : undefined)
      space.archive.faults.set(LONG.name, fault)
      assert.equal(await space.fetch(), SIZE)
      await space.holds(LONG.bytes)
      // aria2c goes on from its last whole block of 16 KiB; of what a reset leaves under way some is lost.
      const again = space.archive.sent - SIZE
      assert.ok(again <= (fault.resetAfter ? HALF : 16_384), `${again} bytes were sent again`)
    })

test('a server that cuts each answer is borne with for as long as each brings more', async t => {
  const space = await open(t)
  space.archive.faults.set(LONG.name, { cutAfter: Math.ceil(SIZE / 20) })
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
  const again = space.archive.sent - SIZE
  assert.ok(again <= 20 * 16_384, `${again} bytes were sent again`)
})

const ENDING: Record<string, [Fault, string]> = {
  'answers 401': [{ status: 401 }, 'the archive asks for a password (401)'],
  'answers 403': [{ status: 403 }, 'the archive forbids it (403)'],
  'answers 403 to all but probes': [{ status: 403, method: 'GET' }, 'the archive forbids it (403)'],
  'answers 404': [{ status: 404 }, 'the archive has no such file (404)'],
  'answers 404 to all but probes': [{ status: 404, method: 'GET' }, 'the archive has no such file (404)'],
  'answers 410': [{ status: 410 }, 'the archive has it no more (410)'],
  'answers 500 again and again': [{ status: 500 }, 'the archive is out of order (500)'],
  'answers 503 again and again': [{ status: 503, method: 'GET' }, 'the archive is overloaded (503)'],
  'redirects without end': [{ status: 302, headers: { Location: LONG.name } }, 'the archive redirects without end'],
  'sends an error page with status 200': [
    { body: '<p>The archive is closed today.</p>' },
    'the archive has 35 B there and listed 2.8 MiB: make uris lists it anew',
  ],
}

for (const [what, [fault, message]] of Object.entries(ENDING))
  test(`a download from a server that ${what} ends in one sentence, and keeps what is there`, async t => {
    const space = await open(t)
    await space.fetchHalf()
    space.archive.faults.set(LONG.name, fault)
    await assert.rejects(space.fetch(), { message })
    assert.equal(await space.tarball(), undefined)
    space.archive.faults.clear()
    space.archive.sent = 0
    assert.equal(await space.fetch(), SIZE)
    await space.holds(LONG.bytes)
    assert.ok(space.archive.sent < SIZE, 'what was there is not fetched again')
  })

for (const md5 of ['with an md5', 'without'])
  test(`what an earlier run left of an older edition is dropped, not gone on with: ${md5}`, async t => {
    const space = await open(t, md5 === 'without' ? '' : hash(LATER))
    await space.fetchHalf()
    space.publish(LATER)
    assert.equal(await space.fetch(), SIZE)
    await space.holds(LATER)
  })

for (const md5 of ['with an md5', 'without'])
  test(`a file that changes between two ranges is fetched anew: ${md5}`, async t => {
    const space = await open(t, md5 === 'without' ? '' : hash(LATER))
    const { faults } = space.archive
    const change: Fault = { method: 'GET', times: 1, before: async () => space.publish(LATER) }
    faults.set(LONG.name, { cutAfter: HALF, times: 1, before: async () => faults.set(LONG.name, change) })
    assert.equal(await space.fetch(), SIZE)
    await space.holds(LATER)
    assert.deepEqual(space.notices, ['the archive changed it meanwhile: again in 0.0 s'])
  })

test('a file that changes without end is given up in one sentence, and no byte of it stays', async t => {
  const space = await open(t, '')
  let edition = 0
  space.archive.faults.set(LONG.name, {
    method: 'GET',
    before: async () => space.archive.modified.set(LONG.name, new Date(Date.UTC(2022, 0, ++edition))),
  })
  await assert.rejects(space.fetch(), { message: 'the archive changed it meanwhile' })
  assert.equal(edition, PATIENCE.tries)
  assert.deepEqual(await readdir(space.paths.tarballs), [`${LONG.name}.part.json`])
})

test('without an md5 fewer bytes than promised get no name', async t => {
  const space = await open(t, '')
  space.archive.faults.set(LONG.name, { body: 'x'.repeat(SIZE - 1), method: 'GET' })
  await assert.rejects(space.fetch(), { message: 'the archive sends other bytes than it was asked for' })
  assert.equal(await space.tarball(), undefined)
})

test('without an md5 a part of more bytes than promised is fetched anew', async t => {
  const space = await open(t, '')
  await space.fetchHalf()
  await appendFile(space.paths.part(nightOf(LONG.name)), Buffer.alloc(SIZE))
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
})

test('a server that does not tell what it has gives the file all the same', async t => {
  const space = await open(t, '')
  space.archive.faults.set(LONG.name, { status: 405, method: 'HEAD' })
  assert.equal(await space.fetch(), SIZE)
  await space.holds(LONG.bytes)
})

test('bytes of the wrong md5 are set aside, at most three times, until another is listed or the user says so', async t => {
  const space = await Workspace.open(t, [SHORT, OTHER], { MD5SUMS: `${sumsOf(OTHER)}${WRONG}  ${SHORT.name}\n` })
  const { stem } = nightOf(SHORT.name)
  const [record, bad] = [space.paths.quarantineRecord(nightOf(SHORT.name)), space.paths.quarantinedTarball(nightOf(SHORT.name))]
  const reason = `its md5 is ${hash(SHORT.bytes)}, the archive lists ${WRONG}`
  await space.make('uris')
  for (const times of [1, 2, 3]) {
    const { status, out } = await space.make('download')
    assert.equal(status, 2)
    const line = `it was not fetched: ${reason}: it is in ${space.paths.bad} now, and is fetched anew the next time`
    assert.ok(out.includes(`FAILED    ${stem}  ${line}\n`), out)
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', OTHER.name])
    assert.deepEqual(await readFile(bad), SHORT.bytes)
    const { listed, ...rest } = JSON.parse(await readFile(record, 'utf8'))
    assert.deepEqual([rest, listed.md5], [{ reason, md5: hash(SHORT.bytes), times }, WRONG])
    const told = (await space.make('status')).out
    assert.match(told, /^set aside +1 *$/m)
    assert.ok(told.includes(`set aside ${SHORT.name}: ${reason} (${times} of 3 times)\n`), told)
  }

  await t.test('it is then fetched no more, and named', async () => {
    space.asked()
    const { status, out, err } = await space.make('download')
    assert.deepEqual([status, space.asked()], [2, []])
    assert.ok(out.includes(`${stem}: given up, set aside 3 times: ${reason}: to try again, delete ${record}\n`), out)
    assert.match(err, /^error: 1 night given up: the lines above say why, and what to do$/m)
  })

  await t.test('another md5 begins anew, and what succeeds leaves nothing in bad/', async () => {
    space.publish('MD5SUMS', sumsOf(OTHER, SHORT))
    await space.make('uris')
    const { status } = await space.make('download')
    assert.equal(status, 0)
    assert.deepEqual(await space.tarball(SHORT.name), SHORT.bytes)
    assert.deepEqual(await readdir(space.paths.bad), [])
  })
})

test('a given-up night is tried again once its record is deleted, and keeps nobody waiting', async t => {
  const space = await Workspace.open(t, [SHORT, OTHER], { MD5SUMS: `${sumsOf(OTHER)}${WRONG}  ${SHORT.name}\n` })
  await space.make('uris')
  for (const _ of [1, 2, 3]) await space.make('download NIGHTS=2018')
  const { status, out } = await space.make('all KEEP_TARS=no AHEAD=1K')
  assert.equal(status, 2)
  assert.match(out, new RegExp(`^converted ${nightOf(OTHER.name).stem} `, 'm'))
  assert.doesNotMatch(out, /^waiting/m)
  const record = space.paths.quarantineRecord(nightOf(SHORT.name))
  await writeFile(record, (await readFile(record, 'utf8')).replace('"times": 3', '"times": 2'))
  space.asked()
  await space.make('download')
  assert.deepEqual(space.asked(), [SHORT.name])
})

test('a tarball found wrong when it is converted is set aside, a link alone, and the night fetched again', async t => {
  const space = await Workspace.open(t, [SHORT, OTHER])
  await space.make('uris')
  await mkdir(space.paths.tarballs, { recursive: true })
  const own = join(space.folder, 'own.tar.gz')
  await writeFile(own, OTHER.bytes)
  await symlink(own, join(space.paths.tarballs, SHORT.name))
  const { status, out } = await space.make('lake')
  assert.equal(status, 2)
  const { stem } = nightOf(SHORT.name)
  assert.match(out, new RegExp(`^FAILED +${stem} +it was not converted: its md5 is [^\n]+ make download fetches`, 'm'))
  assert.equal(await readlink(space.paths.quarantinedTarball(nightOf(SHORT.name))), own)
  assert.equal((await space.make('-j2 download lake')).status, 0)
  assert.deepEqual(await space.tarball(SHORT.name), SHORT.bytes)
  assert.deepEqual([await readdir(space.paths.bad), await readFile(own)], [[], OTHER.bytes])
})

/** An archive of one night, as it was listed, and a folder to fetch it into. */
class Download {
  readonly archive: Archive
  readonly paths: Paths
  readonly notices: string[] = []
  private readonly files: Map<string, Buffer>
  private readonly listed: ListedFile

  constructor(files: Map<string, Buffer>, archive: Archive, data: string, listed: ListedFile) {
    this.files = files
    this.archive = archive
    this.paths = new Paths(data)
    this.listed = listed
  }

  fetch(patience = PATIENCE): Promise<number> {
    return fetchNight(this.paths, this.listed, 1, line => this.notices.push(line), patience)
  }

  /** A run in which only half of the night comes. */
  async fetchHalf(): Promise<void> {
    const { faults } = this.archive
    const refuse = async () => faults.set(LONG.name, { status: 403, method: 'GET' })
    faults.set(LONG.name, { cutAfter: HALF, before: refuse })
    await assert.rejects(this.fetch(), { message: 'the archive forbids it (403)' })
    faults.clear()
  }

  /** Puts another edition of the night into the archive. */
  publish(bytes: Buffer): void {
    this.files.set(LONG.name, bytes)
    this.archive.modified.set(LONG.name, new Date('2022-02-02T02:02:02Z'))
  }

  async tarball(): Promise<Buffer | undefined> {
    const path = this.paths.tarball(nightOf(LONG.name))
    return existsSync(path) ? readFile(path) : undefined
  }

  /** That the tarball is there to the byte, and nothing beside it. */
  async holds(bytes: Buffer): Promise<void> {
    assert.ok((await this.tarball())?.equals(bytes))
    assert.deepEqual(
      (await readdir(this.paths.tarballs)).filter(name => name !== '.md5'),
      [LONG.name],
    )
  }
}

/** @param md5 to be listed in the place of the right one */
async function open(t: TestContext, md5?: string): Promise<Download> {
  const files = new Map([[LONG.name, LONG.bytes]])
  const archive = await startArchive(files)
  t.after(() => archive.close())
  const listing = await fetchListing(new URL(archive.url), '', () => {}, PATIENCE)
  const listed = listing.find(({ name }) => name === LONG.name) ?? assert.fail()
  archive.sent = 0
  return new Download(files, archive, await temporaryFolder(t), { ...listed, md5: md5 ?? listed.md5 })
}

function sumsOf(...nights: SyntheticNight[]): string {
  return nights.map(({ name, bytes }) => `${hash(bytes)}  ${name}\n`).join('')
}

function hash(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
