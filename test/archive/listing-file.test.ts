import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ListedFile, parseListing } from '../../lib/archive/listing.ts'
import {
  assertNotShrunk,
  keepMd5,
  listingPath,
  readListingFile,
  republished,
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
