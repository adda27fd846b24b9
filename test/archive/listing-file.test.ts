import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ListedFile, parseListing } from '../../lib/archive/listing.ts'
import {
  assertNotShrunk,
  keepMd5,
  listingPath,
  readListingFile,
  republished,
  salvageListingFile,
  writeListingFile,
} from '../../lib/archive/listing-file.ts'
import { ADDRESS, entry, nightEntry, tableText } from '../support/archive-table.ts'
import { temporaryFolder } from '../support/folder.ts'

const LISTING = listNights(28)

test('reads back the rows that it wrote', async t => {
  const uris = join(await temporaryFolder(t), 'uris')
  assert.deepEqual(await readListingFile(uris), [])
  assert.deepEqual([await writeListingFile(uris, LISTING), await writeListingFile(uris, LISTING)], [true, false])
  assert.deepEqual(await readListingFile(uris), LISTING)
})

test('writes tab-separated columns with a heading', async t => {
  const uris = await temporaryFolder(t)
  await writeListingFile(uris, LISTING)
  const lines = (await readFile(listingPath(uris), 'utf8')).split('\n')
  const row = ['ztf_public_20190201.tar.gz', '20190201', '104857600', '2020-05-05 07:22', '']
  assert.equal(lines[0], 'name\tnight\tbytes\tmodified\tmd5\turl\tkind')
  assert.equal(lines[2], [...row, `${ADDRESS}ztf_public_20190201.tar.gz`, 'night'].join('\t'))
})

test('reads a file with carriage returns', async t => {
  const uris = await temporaryFolder(t)
  await writeListingFile(uris, LISTING)
  await writeFile(listingPath(uris), (await readFile(listingPath(uris), 'utf8')).replaceAll('\n', '\r\n'))
  assert.deepEqual(await readListingFile(uris), LISTING)
})

test('names the first damaged line, and salvages the other rows', async t => {
  const uris = await temporaryFolder(t)
  await writeListingFile(uris, LISTING)
  const text = await readFile(listingPath(uris), 'utf8')
  const without = (row: number) => LISTING.filter((_, i) => i !== row)
  for (const [damaged, line, rows] of [
    ['', 1, []],
    ['noise', 1, []],
    [text.replace('\tnight\t', '\t'), 1, LISTING],
    [text.replace('\t104857600\t', '\tabc\t'), 2, without(0)],
    [text.replace('tar.gz\t20190202', 'tar.gz\t20190209'), 4, without(2)],
    [text.replace(/other\n/, 'others\n'), 2, without(0)],
    [text.replace(`${ADDRESS}ztf_public_20190201`, ''), 3, without(1)],
    [text.slice(0, -3), 30, without(28)],
    [text.slice(0, -1), 30, without(28)],
  ] as const) {
    await writeFile(listingPath(uris), damaged)
    const damage = `${listingPath(uris)} is damaged in line ${line}`
    await assert.rejects(readListingFile(uris), { message: `${damage}: run make uris, which writes it again` })
    assert.deepEqual(await salvageListingFile(uris), { rows, damage })
  }
})

test('refuses a listing that lacks more than a tenth of the known nights', () => {
  assertNotShrunk(LISTING, LISTING.slice(0, -3))
  assertNotShrunk([], LISTING)
  assert.throws(() => assertNotShrunk(LISTING, LISTING.slice(0, -4)), {
    message:
      'the listing lacks 4 of the 28 known nights (ztf_public_20190225.tar.gz, ...); ' +
      'nothing was changed: set FORCE=yes to accept it',
  })
})

test('finds the nights that were published again', () => {
  const change = (row: ListedFile) => (row.night === '20190203' || !row.night ? { ...row, bytes: row.bytes + 1 } : row)
  const names = republished(LISTING, [...LISTING.map(change), ...listNights(29)].slice(0, 30)).map(({ night }) => night)
  assert.deepEqual(names, ['20190203'])
  assert.deepEqual(republished([], LISTING), [])
})

test('keeps known checksums of files that have not changed', () => {
  const known = LISTING.map(row => ({ ...row, md5: 'a'.repeat(32) }))
  const now = LISTING.map((row, i) => (i === 1 ? { ...row, bytes: row.bytes + 1 } : row))
  const md5s = keepMd5(known, now).map(({ md5 }) => md5)
  assert.deepEqual(
    md5s,
    known.map(({ md5 }, i) => (i === 1 ? '' : md5)),
  )
  assert.deepEqual(keepMd5([], now), now)
})

/** The first nights of February 2019, after a file that is not a night. */
function listNights(count: number): ListedFile[] {
  const entries = Array.from({ length: count }, (_, i) => nightEntry(`201902${String(i + 1).padStart(2, '0')}`))
  return parseListing(tableText([entry('MD5SUMS'), ...entries]), ADDRESS)
}
