import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseListing } from '../../lib/archive/listing.ts'
import { readListingFile } from '../../lib/archive/listing-file.ts'
import { readUrlLists, selectNights, writeUrlLists } from '../../lib/archive/url-lists.ts'
import { parseSelection } from '../../lib/selection.ts'
import type { IndexEntry } from '../../lib/synthetic/index-page.ts'
import { ADDRESS, entry, nightEntry, tableText } from '../support/archive-table.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'
import { runScript } from '../support/run.ts'

const MIB = 1 << 20
const ALL = { selection: parseSelection(''), minBytes: 0 }

test('lists hold the nights with alerts, by year and date, a group to a file', async t => {
  const uris = join(await temporaryFolder(t), 'uris')
  const entries = [
    ...['20181231', '20190101', '20190103', '20190102', '20191003', '20191004'].map(date => nightEntry(date)),
    entry('ztf_public_20191003_programid3.tar.gz'),
    nightEntry('20190104', 44),
    entry('VALIDATE'),
  ]
  const nights = selectNights(listed(entries), ALL)
  assert.deepEqual(await writeUrlLists(uris, nights, 4), { files: 3, changed: 3 })
  assert.deepEqual(await texts(uris), {
    '2018/001.txt': urls('20181231'),
    '2019/001.txt': urls('20190101', '20190102', '20190103', '20191003'),
    '2019/002.txt': urls('20191003_programid3', '20191004'),
  })
  assert.deepEqual(await readUrlLists(uris), new Set(nights.map(({ url }) => url)))
})

test('only what changes is written, and what no longer belongs is removed', async t => {
  const uris = join(await temporaryFolder(t), 'uris')
  const dates = ['20180601', '20180602', '20180603', '20190601', '20190602']
  const write = (group: number, ...added: string[]) =>
    writeUrlLists(uris, selectNights(listed([...dates, ...added].map(date => nightEntry(date))), ALL), group)
  await write(2)
  await mkdir(join(uris, 'own'))
  await Promise.all(['own/001.txt', 'notes.txt', '2018/notes.md'].map(name => writeFile(join(uris, name), 'mine')))
  const before = await snapshot(uris)
  assert.deepEqual(await write(2), { files: 3, changed: 0 })
  assert.deepEqual(await snapshot(uris), before)

  assert.deepEqual(await write(2, '20190603'), { files: 4, changed: 1 })
  const after = await snapshot(uris)
  assert.ok(after.delete('2019/002.txt'))
  assert.deepEqual(after, before)

  assert.deepEqual(await write(5), { files: 2, changed: 3 })
  const left = [...(await snapshot(uris)).keys()]
  assert.deepEqual(left, ['2018/001.txt', '2018/notes.md', '2019/001.txt', 'notes.txt', 'own/001.txt'])
})

test('NIGHTS and MIN_SIZE choose, and all else of the listing stays on record', async t => {
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
  const record = await readListingFile(URIS)
  const chosen = await list(folder, entries, { NIGHTS: '201901,2018', MIN_SIZE: '100M', GROUP: '1' })
  assert.equal(chosen.status, 0)
  assert.match(chosen.out, /^left out by MIN_SIZE: 1 tarball$/m)
  assert.deepEqual(await texts(URIS), { '2018/001.txt': urls('20181231'), '2019/001.txt': urls('20190102') })
  assert.deepEqual(await readListingFile(URIS), record)
  assert.deepEqual(record.map(({ kind }) => kind).sort(), ['empty', 'night', 'night', 'night', 'night'])
})

test('a listing that lost nights is refused and changes nothing, unless it is forced', async t => {
  const folder = await temporaryFolder(t)
  const entries = Array.from({ length: 28 }, (_, i) => nightEntry(`201902${String(i + 1).padStart(2, '0')}`))
  assert.equal((await list(folder, entries)).status, 0)
  const before = await snapshot(join(folder, 'uris'))

  const refused = await list(folder, entries.slice(4))
  assert.deepEqual([refused.status, refused.out], [1, ''])
  assert.match(
    refused.err,
    /^error: the listing lacks 4 of the 28 nights known [^\n]+ nothing was changed: FORCE=yes [^\n]+\n$/,
  )
  assert.deepEqual(await snapshot(join(folder, 'uris')), before)

  assert.equal((await list(folder, entries.slice(4), { FORCE: 'yes' })).status, 0)
  assert.equal((await readListingFile(join(folder, 'uris'))).length, 24)
  assert.equal((await list(folder, entries.slice(7))).status, 0, 'three nights may go')
})

test('an empty listing changes nothing, even where forced', async t => {
  const folder = await temporaryFolder(t)
  const entries = [nightEntry('20190101')]
  assert.equal((await list(folder, entries)).status, 0)
  const before = await snapshot(join(folder, 'uris'))
  const { status, err } = await list(folder, [], { FORCE: 'yes' })
  assert.equal(status, 1)
  assert.match(err, /^error: the listing names no night: [^\n]+\n$/)
  assert.deepEqual(await snapshot(join(folder, 'uris')), before)
})

test('nothing is listed where a setting is malformed', async t => {
  const folder = await temporaryFolder(t)
  const { status, err } = await list(folder, [nightEntry('20190101')], { GROUP: '0' })
  assert.equal(status, 1)
  assert.match(err, /^error: GROUP is '0': [^\n]+\n$/)
  assert.equal(existsSync(join(folder, 'uris')), false)
})

test('what is listed is told by year and in total', async t => {
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
    ['year', 'nights', 'programid3', 'empty', 'no file', 'volume', 'alerts, about', 'lake, about'],
    ['2018', '1', '0', '0', '1', '600.0 MiB', '13,443', '564.1 MiB'],
    ['2019', '1', '1', '1', '1', '768.0 MiB', '17,207', '722.1 MiB'],
    ['total', '2', '1', '1', '2', '1.3 GiB', '30,651', '1.3 GiB'],
  ])
  assert.match(out, /^3 tarballs with alerts \(2 nights, 1 programid3\), 1 empty, 2 dates without a file, 1\.3 GiB$/m)
  assert.match(out, /^not nights, and left alone: 1 \(VALIDATE\)$/m)
  assert.match(out, /^3 URLs in 2 lists below \S+, 2 changed$/m)
  assert.match(out, /^free on the disk of /m)
})

function listed(entries: readonly IndexEntry[]) {
  return parseListing(tableText(entries), ADDRESS)
}

/** Runs `make uris` on a table. */
async function list(folder: string, entries: readonly IndexEntry[], env: Record<string, string> = {}) {
  const LISTING = join(folder, 'table.txt')
  await writeFile(LISTING, tableText(entries))
  const URIS = join(folder, 'uris')
  return runScript('uris', { LISTING, URIS, DATA: join(folder, 'data'), ARCHIVE: ADDRESS.href, ...env })
}

function urls(...dates: string[]): string {
  return dates.map(date => `${ADDRESS}ztf_public_${date}.tar.gz\n`).join('')
}

/** The lists below `uris`. */
async function texts(uris: string): Promise<Record<string, string>> {
  const names = [...(await snapshot(uris)).keys()].filter(name => name.endsWith('.txt'))
  return Object.fromEntries(
    await Promise.all(names.map(async name => [name, await readFile(join(uris, name), 'utf8')] as const)),
  )
}
