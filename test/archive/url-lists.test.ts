import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseListing } from '../../lib/archive/listing.ts'
import { readUrlLists, selectNights, writeUrlLists } from '../../lib/archive/url-lists.ts'
import { parseSelection } from '../../lib/selection.ts'
import type { IndexEntry } from '../../lib/synthetic/index-page.ts'
import { ADDRESS, entry, listTexts, nightEntry, tableText, urlLines } from '../support/archive-table.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'

const MIB = 1 << 20
const ALL = { selection: parseSelection(''), minBytes: 0 }

test('lists the nights with alerts by year and date, up to a number of URLs per list', async t => {
  const uris = join(await temporaryFolder(t), 'uris')
  const entries = [
    ...['20181231', '20190101', '20190103', '20190102', '20191003', '20191004'].map(date => nightEntry(date)),
    entry('ztf_public_20191003_programid3.tar.gz'),
    nightEntry('20190104', 44),
    entry('VALIDATE'),
  ]
  const nights = selectNights(listed(entries), ALL)
  assert.deepEqual(await writeUrlLists(uris, nights, 4), { files: 3, changed: 3 })
  assert.deepEqual(await listTexts(uris), {
    '2018/001.txt': urlLines('20181231'),
    '2019/001.txt': urlLines('20190101', '20190102', '20190103', '20191003'),
    '2019/002.txt': urlLines('20191003_programid3', '20191004'),
  })
  assert.deepEqual(await readUrlLists(uris), new Set(nights.map(({ url }) => url)))
})

test('writes only lists that change, and removes those that are no longer needed', async t => {
  const uris = join(await temporaryFolder(t), 'uris')
  const dates = ['20180601', '20180602', '20180603', '20190601', '20190602']
  const write = (urlsPerList: number, ...added: string[]) =>
    writeUrlLists(uris, selectNights(listed([...dates, ...added].map(date => nightEntry(date))), ALL), urlsPerList)
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

test('reads lists with carriage returns', async t => {
  const uris = join(await temporaryFolder(t), 'uris')
  await mkdir(join(uris, '2018'), { recursive: true })
  const urls = urlLines('20180601', '20180602')
  await writeFile(join(uris, '2018/001.txt'), urls.replaceAll('\n', '\r\n'))
  assert.deepEqual([...(await readUrlLists(uris))], urls.trim().split('\n'))
})

test('selects nights by date and size', () => {
  const entries = [
    nightEntry('20181231', 900 * MIB),
    nightEntry('20190101', 5 * MIB),
    nightEntry('20190102', 100 * MIB),
    nightEntry('20190201', 100 * MIB),
    nightEntry('20190103', 55),
  ]
  const selected = selectNights(listed(entries), { selection: parseSelection('201901,2018'), minBytes: 100 * MIB })
  assert.deepEqual(
    selected.map(({ night }) => night),
    ['20181231', '20190102'],
  )
})

function listed(entries: readonly IndexEntry[]) {
  return parseListing(tableText(entries), ADDRESS)
}
