import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fetchListing } from '../../lib/archive/fetch-listing.ts'
import type { ListedFile } from '../../lib/archive/listing.ts'
import { readListingFile } from '../../lib/archive/listing-file.ts'
import type { IndexEntry } from '../../lib/synthetic/index-page.ts'
import { startArchive } from '../support/archive.ts'
import { ADDRESS, entry, listTexts, nightEntry, tableText, urlLines } from '../support/archive-table.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'
import { cleanEnvironment, runScript } from '../support/run.ts'
import { NO_ARCHIVE, SHARED } from '../support/shared.ts'

const MIB = 1 << 20
const PAGE = join(SHARED, 'listing/index.html')
const TEXT = join(SHARED, 'listing/clipboard.txt')

test('lists the nights that NIGHTS and MIN_SIZE select, and keeps all rows in listing.tsv', async t => {
  const folder = await temporaryFolder(t)
  const entries = [
    nightEntry('20181231', 900 * MIB),
    nightEntry('20190101', 5 * MIB),
    nightEntry('20190102', 100 * MIB),
    nightEntry('20190201', 100 * MIB),
    nightEntry('20190103', 55),
  ]
  const URIS = join(folder, 'uris')
  const plain = await list(folder, entries)
  assert.equal(plain.status, 0)
  const listing = await readListingFile(URIS)
  const chosen = await list(folder, entries, { NIGHTS: '201901,2018', MIN_SIZE: '100M', URLS_PER_LIST: '1' })
  assert.equal(chosen.status, 0)
  assert.match(chosen.out, /^left out by MIN_SIZE: 1 tarball$/m)
  assert.deepEqual(await listTexts(URIS), {
    '2018/001.txt': urlLines('20181231'),
    '2019/001.txt': urlLines('20190102'),
  })
  assert.deepEqual(await readListingFile(URIS), listing)
  assert.deepEqual(listing.map(({ kind }) => kind).sort(), ['empty', 'night', 'night', 'night', 'night'])
})

test('refuses a listing that lost nights, unless it is forced', async t => {
  const folder = await temporaryFolder(t)
  const entries = Array.from({ length: 28 }, (_, i) => nightEntry(`201902${String(i + 1).padStart(2, '0')}`))
  assert.equal((await list(folder, entries)).status, 0)
  const before = await snapshot(join(folder, 'uris'))

  const refused = await list(folder, entries.slice(4))
  assert.deepEqual([refused.status, refused.out], [1, ''])
  assert.match(
    refused.err,
    /^error: the listing lacks 4 of the 28 known nights [^\n]+; nothing was changed: set FORCE=yes to accept it\n$/,
  )
  assert.deepEqual(await snapshot(join(folder, 'uris')), before)

  assert.equal((await list(folder, entries.slice(4), { FORCE: 'yes' })).status, 0)
  assert.equal((await readListingFile(join(folder, 'uris'))).length, 24)
  assert.equal((await list(folder, entries.slice(7))).status, 0, 'three nights may be missing')
})

test('refuses an empty listing, even if it is forced', async t => {
  const folder = await temporaryFolder(t)
  const entries = [nightEntry('20190101')]
  assert.equal((await list(folder, entries)).status, 0)
  const before = await snapshot(join(folder, 'uris'))
  const { status, err } = await list(folder, [], { FORCE: 'yes' })
  assert.equal(status, 1)
  assert.match(err, /^error: the listing contains no night: [^\n]+\n$/)
  assert.deepEqual(await snapshot(join(folder, 'uris')), before)
})

test('writes a damaged listing file again, and still refuses a listing that lost nights', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'uris/listing.tsv')
  const entries = Array.from({ length: 28 }, (_, i) => nightEntry(`201902${String(i + 1).padStart(2, '0')}`))
  assert.equal((await list(folder, entries)).status, 0)
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('\t104857600\t', '\tabc\t'))
  assert.match((await list(folder, entries.slice(5))).err, /^error: the listing lacks 4 of the 27 known nights /)
  const { status, out } = await list(folder, entries)
  assert.deepEqual([status, out.split('\n')[0]], [0, `${path} is damaged in line 2: it is written again`])
  assert.equal(await readFile(path, 'utf8'), text)
})

test('lists nothing if a setting is invalid', async t => {
  const folder = await temporaryFolder(t)
  const { status, err } = await list(folder, [nightEntry('20190101')], { URLS_PER_LIST: '0' })
  assert.equal(status, 1)
  assert.match(err, /^error: URLS_PER_LIST is '0': [^\n]+\n$/)
  assert.equal(existsSync(join(folder, 'uris')), false)
})

test('prints a summary by year and in total', async t => {
  const folder = await temporaryFolder(t)
  const entries = [
    nightEntry('20181230', 600 * MIB),
    nightEntry('20190101', 468 * MIB),
    entry('ztf_public_20190101_programid3.tar.gz', 300 * MIB),
    nightEntry('20190103', 44),
    entry('VALIDATE', 159),
    entry('MD5SUMS'),
  ]
  const { out } = await list(folder, entries)
  const rows = out.split('\n').map(line => line.split(/ {2,}/).map(cell => cell.trim()))
  assert.deepEqual(rows.slice(0, 4), [
    ['year', 'nights', 'empty', 'programid3', 'no file', 'volume', 'alerts, about', 'lake, about'],
    ['2018', '1', '0', '0', '1', '600.0 MiB', '13,443', '564.1 MiB'],
    ['2019', '3', '1', '1', '1', '768.0 MiB', '17,207', '722.1 MiB'],
    ['total', '4', '1', '1', '2', '1.3 GiB', '30,651', '1.3 GiB'],
  ])
  assert.match(
    out,
    /^4 nights listed: 3 with alerts \(1 of them programid3\), 1 empty; 2 dates without a file; 1\.3 GiB$/m,
  )
  assert.match(out, /^ignored, since they are not nights: 1 \(VALIDATE\)$/m)
  assert.match(out, /^3 URLs in 2 lists below \S+, 2 changed$/m)
  assert.match(out, /^free on the disk of /m)
})

test('reads the same rows from a file, standard input and the clipboard', { skip: NO_ARCHIVE }, async t => {
  const folder = await temporaryFolder(t)
  const program = join(folder, 'pbpaste')
  await writeFile(program, `#!/bin/sh\ncat '${TEXT}'\n`)
  await chmod(program, 0o755)
  const PATH = `${folder}:${cleanEnvironment().PATH}`
  const ways: [Record<string, string>, string][] = [
    [{ LISTING: PAGE }, ''],
    [{ LISTING: '-' }, await readFile(TEXT, 'utf8')],
    [{ LISTING: 'clipboard', PATH }, ''],
  ]
  const listings: ListedFile[][] = []
  for (const [env, input] of ways) {
    const URIS = join(folder, `uris-${env.LISTING === PAGE ? 'page' : env.LISTING}`)
    const { status, err } = await runScript('uris', { ...env, URIS, ARCHIVE: ADDRESS.href }, [], input)
    assert.deepEqual([status, err], [0, ''])
    listings.push(await readListingFile(URIS))
  }
  assert.deepEqual(listings[0], await fetchListing(ADDRESS, TEXT, () => {}))
  assert.deepEqual(listings[1], listings[0])
  assert.deepEqual(listings[2], listings[0])
})

test('changes nothing if the page or the checksums cannot be read', async t => {
  const folder = await temporaryFolder(t)
  const archive = await startArchive(new Map([['ztf_public_20191003.tar.gz', Buffer.alloc(5000)]]))
  t.after(() => archive.close())
  for (const name of ['', 'MD5SUMS']) {
    archive.faults.set(name, { status: 503, headers: { 'Retry-After': '0' } })
    const { status, err } = await runScript('uris', { ARCHIVE: archive.url, URIS: join(folder, 'uris') })
    assert.equal(status, 1)
    const message =
      /^error: cannot read http:\/\/127\S+: the archive is overloaded \(503\); nothing was changed(:.*)?\n$/
    assert.equal(message.exec(err)?.[1]?.includes('LISTING='), name === '' || undefined)
    assert.deepEqual(await readListingFile(join(folder, 'uris')), [])
    archive.faults.clear()
  }
})

test('names a LISTING that cannot be read', async t => {
  const LISTING = join(await temporaryFolder(t), 'none.txt')
  const { status, err } = await runScript('uris', { LISTING, URIS: `${LISTING}.uris` })
  assert.equal(status, 1)
  assert.match(err, /^error: cannot read LISTING=\S+none\.txt: [^\n]+\n$/)
})

test('prints the totals of the real listing', { skip: NO_ARCHIVE }, async t => {
  const URIS = join(await temporaryFolder(t), 'uris')
  const { out } = await runScript('uris', { LISTING: TEXT, URIS, ARCHIVE: ADDRESS.href })
  assert.match(
    out,
    /^2,959 nights listed: 2,218 with alerts \(20 of them programid3\), 741 empty; 17 dates .* 19\.05 TiB$/m,
  )
  assert.match(out, /VALIDATE, VALIDATE\.out, ztf_20200219_programid1\.tar\.tar/)
  assert.match(out, /^2,218 URLs in /m)
})

/** Runs `make uris` on a table. */
async function list(folder: string, entries: readonly IndexEntry[], env: Record<string, string> = {}) {
  const LISTING = join(folder, 'table.txt')
  await writeFile(LISTING, tableText(entries))
  const URIS = join(folder, 'uris')
  return runScript('uris', { LISTING, URIS, DATA: join(folder, 'data'), ARCHIVE: ADDRESS.href, ...env })
}
