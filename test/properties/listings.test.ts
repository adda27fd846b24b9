import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseListing, withMd5 } from '../../lib/archive/listing.ts'
import { readListingFile, writeListingFile } from '../../lib/archive/listing-file.ts'
import { readUrlLists, selectNights, writeUrlLists } from '../../lib/archive/url-lists.ts'
import { ADDRESS } from '../support/archive-table.ts'
import { fc, forAll } from './cases.ts'
import { LISTED, listings, md5sums } from './listings.ts'
import { Sandbox } from './sandbox.ts'

test('reads from any listing only tarballs of the archive, and every valid one', async t => {
  const sandbox = await Sandbox.open(t)
  await forAll(t, 0.1, fc.tuple(listings, md5sums), async ([text, sums]) => {
    const listing = withMd5(parseListing(text, ADDRESS), sums)
    await writeUrlLists(sandbox.uris, selectNights(listing, { selection: () => true, minBytes: 0 }), 5)
    await writeListingFile(sandbox.uris, listing)
    await sandbox.assertUntouched()
    const urls = [...(await readUrlLists(sandbox.uris))]
    for (const url of urls)
      assert.match(url, /^https:\/\/example\.org\/alerts\/public\/ztf_public_20\d{6}(_programid3)?\.tar\.gz$/)
    for (const date of LISTED) assert.ok(urls.some(url => url.includes(date)))
    for (const row of listing) assert.match(row.md5, /^([0-9a-f]{32})?$/)
    assert.deepEqual(await readListingFile(sandbox.uris), listing)
  })
})
