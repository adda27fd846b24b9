import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { summarizeByYear } from '../../lib/archive/estimates.ts'
import { fetchListing } from '../../lib/archive/fetch-listing.ts'
import { keepMd5, type ListedFile, parseListing, withMd5 } from '../../lib/archive/listing.ts'
import { readListingFile } from '../../lib/archive/listing-file.ts'
import { showBytes } from '../../lib/core/units.ts'
import { indexPage } from '../../lib/synthetic/index-page.ts'
import { startArchive } from '../../lib/synthetic/server.ts'
import { ADDRESS, entry, nightEntry, tableText } from '../support/archive-table.ts'
import { temporaryFolder } from '../support/folder.ts'
import { cleanEnvironment, runScript } from '../support/run.ts'
import { NO_ARCHIVE, SHARED } from '../support/shared.ts'

const ignore = () => {}
const PAGE = join(SHARED, 'listing/index.html')
const TEXT = join(SHARED, 'listing/clipboard.txt')

const ENTRIES = [
  nightEntry('20180601', 804_257_792),
  nightEntry('20191003'),
  entry('ztf_public_20191003_programid3.tar.gz', 5 << 20),
  nightEntry('20200429', 74),
  nightEntry('20210217', 1024),
  nightEntry('20210218', 0),
  nightEntry('20221231', 17_000_000_000),
  entry('ztf_public_20200211_programid3.tar', 3 << 20),
  entry('VALIDATE', 159),
  entry('MD5SUMS', 202 << 10),
]

test('the real page and the table copied from it give the same rows', { skip: NO_ARCHIVE }, async () => {
  const [page, copied] = await Promise.all([fetchListing(ADDRESS, PAGE, ignore), fetchListing(ADDRESS, TEXT, ignore)])
  assert.equal(page.length, 2964)
  assert.deepEqual(copied, page)
})

test('standard input and the clipboard give what the file gives', { skip: NO_ARCHIVE }, async t => {
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
  const records: ListedFile[][] = []
  for (const [env, input] of ways) {
    const URIS = join(folder, `uris-${env.LISTING === PAGE ? 'page' : env.LISTING}`)
    const { status, err } = await runScript('uris', { ...env, URIS, ARCHIVE: ADDRESS.href }, [], input)
    assert.deepEqual([status, err], [0, ''])
    records.push(await readListingFile(URIS))
  }
  assert.deepEqual(records[0], await fetchListing(ADDRESS, TEXT, ignore))
  assert.deepEqual(records[1], records[0])
  assert.deepEqual(records[2], records[0])
})

test('a listing without checksums keeps those known of files that it shows unchanged', () => {
  const text = 'ztf_public_20200101.tar.gz 2020-01-01 07:00 1.0G\nztf_public_20200102.tar.gz 2020-01-02 07:00 2.0G'
  const record = parseListing(text, ADDRESS).map(row => ({ ...row, md5: 'a'.repeat(32) }))
  const now = parseListing(text.replace('2.0G', '2.1G'), ADDRESS)
  assert.deepEqual(
    keepMd5(now, record).map(({ md5 }) => md5),
    ['a'.repeat(32), ''],
  )
})

test('the real listing is counted as it is', { skip: NO_ARCHIVE }, async t => {
  const folder = await temporaryFolder(t)
  const counts = summarizeByYear(await fetchListing(ADDRESS, TEXT, ignore), () => true)
  const { nights, programid3, empty, missing, bytes } = counts.at(-1) ?? assert.fail()
  assert.deepEqual([nights, programid3, empty, missing, showBytes(bytes)], [2198, 20, 741, 17, '19.05 TiB'])
  for (const field of ['nights', 'programid3', 'empty', 'missing', 'bytes'] as const)
    assert.equal(
      counts.slice(0, -1).reduce((sum, count) => sum + count[field], 0),
      counts.at(-1)?.[field],
    )
  const { out } = await runScript('uris', { LISTING: TEXT, URIS: join(folder, 'uris'), ARCHIVE: ADDRESS.href })
  assert.match(out, /^2,218 tarballs with alerts \(2,198 nights, 20 programid3\), 741 empty, 17 dates .* 19\.05 TiB$/m)
  assert.match(out, /VALIDATE, VALIDATE\.out, ztf_20200219_programid1\.tar\.tar/)
  assert.match(out, /^2,218 URLs in /m)
})

test('a page and its copied table give the same rows, each of its kind', () => {
  const page = parseListing(indexPage(ENTRIES), ADDRESS)
  assert.deepEqual(parseListing(tableText(ENTRIES), ADDRESS), page)
  assert.deepEqual(parseListing(tableText(ENTRIES).replaceAll('\n', '\r\n'), ADDRESS), page)
  assert.deepEqual(Object.fromEntries(page.map(({ name, kind }) => [name, kind])), {
    MD5SUMS: 'other',
    VALIDATE: 'other',
    'ztf_public_20180601.tar.gz': 'night',
    'ztf_public_20191003.tar.gz': 'night',
    'ztf_public_20191003_programid3.tar.gz': 'programid3',
    'ztf_public_20200211_programid3.tar': 'other',
    'ztf_public_20200429.tar.gz': 'empty',
    'ztf_public_20210217.tar.gz': 'empty',
    'ztf_public_20210218.tar.gz': 'empty',
    'ztf_public_20221231.tar.gz': 'night',
  })
  assert.deepEqual(
    page.find(({ name }) => name === 'ztf_public_20180601.tar.gz'),
    {
      name: 'ztf_public_20180601.tar.gz',
      night: '20180601',
      bytes: 767 << 20,
      modified: '2020-05-05 07:22',
      md5: '',
      url: 'https://example.org/alerts/public/ztf_public_20180601.tar.gz',
      kind: 'night',
    },
  )
})

test('a page with its links made absolute, as browsers save it, gives the same rows', () => {
  const page = indexPage(ENTRIES)
  const saved = page.replaceAll(/href="(ztf|VAL|MD5)/g, `href="${ADDRESS}$1`).replace('<!DOC', '<!-- saved --><!DOC')
  assert.notEqual(saved, page)
  assert.deepEqual(parseListing(saved, ADDRESS), parseListing(page, ADDRESS))
})

test('an index of plain preformatted lines is read, its shortened names in full', () => {
  const link = (name: string) => `<img src="/i.gif" alt="[   ]"> <a href="${name}">${name.slice(0, 20)}..&gt;</a>`
  const page = `<html><body><h1>Index of /</h1><pre><a href="?C=N;O=D">Name</a> <a href="?C=S;O=A">Size</a><hr>${link('ztf_public_20180601.tar.gz')} 2018-06-01 07:21  767M
${link('ztf_public_20191003_programid3.tar.gz')} 2019-10-03 07:21   55
${link('ztf_public_20191003.tar.gz')} 2019-10-03 07:21  10G
<hr></pre></body></html>`
  const rows = parseListing(page, ADDRESS).map(({ name, bytes, modified, kind }) => [name, bytes, modified, kind])
  assert.deepEqual(rows, [
    ['ztf_public_20180601.tar.gz', 767 << 20, '2018-06-01 07:21', 'night'],
    ['ztf_public_20191003.tar.gz', 10 * 2 ** 30, '2019-10-03 07:21', 'night'],
    ['ztf_public_20191003_programid3.tar.gz', 55, '2019-10-03 07:21', 'empty'],
  ])
})

test('an age in the place of a date leaves the date out and all else as it is', () => {
  for (const age of ['10 hours ago', '1 day ago', 'just now']) {
    const text = tableText(ENTRIES)
    const aged = text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, age)
    assert.notEqual(aged, text)
    const rows = parseListing(text, ADDRESS).map(row => ({ ...row, modified: '' }))
    assert.deepEqual(parseListing(aged, ADDRESS), rows)
    assert.deepEqual(parseListing(indexPage(ENTRIES).replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, age), ADDRESS), rows)
  }
})

test('a page that ends before its table does is refused wherever it is cut', () => {
  const page = indexPage(ENTRIES)
  const end = page.indexOf('</table>')
  assert.ok(parseListing(page.slice(0, end + '</table>'.length), ADDRESS).length > 0)
  for (let at = 0; at < end + '</table'.length; at += 7)
    assert.throws(
      () => parseListing(page.slice(0, at), ADDRESS),
      /^Error: (the archive's page ends|the listing names no)/,
    )
})

test('what lists no night is refused in one sentence', () => {
  for (const text of ['', ' \n', '<html><body>503 busy</body></html>', 'Not found', indexPage([]), tableText([])])
    assert.throws(() => parseListing(text, ADDRESS), /^Error: the listing names no night: [^\n]+$/)
})

test('names that are no plain names never become URLs', () => {
  const hostile = [
    '../../etc/passwd',
    '..',
    '.',
    '/ztf_public_20200101.tar.gz',
    '//elsewhere.example/ztf_public_20200101.tar.gz',
    'https://elsewhere.example/ztf_public_20200101.tar.gz',
    'javascript:ztf_public_20200101.tar.gz',
    "ztf_public_20200101.tar.gz';touch",
    'ztf_public_20200101.tar.gz"',
    'ztf_public_20200101.tar.gz&#10;--out=/etc/passwd',
    'ztf_public_20200101.tar.gz\nhttps://elsewhere.example/x',
    '%2e%2e%2fztf_public_20200101.tar.gz',
    'sub/ztf_public_20200101.tar.gz',
    '$(touch)',
  ]
  const page = indexPage(ENTRIES)
  const row = page.split('\n').find(line => line.includes('ztf_public_20180601')) ?? assert.fail()
  const expected = parseListing(page, ADDRESS).map(({ url }) => url)
  for (const name of hostile) {
    const bad = row.replaceAll('ztf_public_20180601.tar.gz', () => name.replace('"', '&quot;'))
    const urls = parseListing(
      page.replace(row, () => `${row}\n${bad}`),
      ADDRESS,
    ).map(({ url }) => url)
    assert.deepEqual(urls, expected, name)
    const text = parseListing(`${tableText(ENTRIES)}\n${name}\t2020-01-01 07:00\t5.0G\n`, ADDRESS)
    assert.deepEqual(
      text.map(({ url }) => url),
      expected,
      name,
    )
  }
})

test('a name that only looks like a night is none', () => {
  const names = ['ztf_public_20200230.tar.gz', 'ztf_public_20201301.tar.gz', 'xztf_public_20200101.tar.gz']
  const rows = parseListing(tableText([...ENTRIES, ...names.map(name => entry(name))]), ADDRESS)
  for (const name of names) assert.equal(rows.find(row => row.name === name)?.kind, 'other', name)
})

test('of the sums of a name the last is taken, by path or bare', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(digit => digit.repeat(32))
  const sums = `# md5 of what was uploaded
${a}  /epyc/data/ztf_public_20180601.tar.gz
${b}  ztf_public_20180601.tar.gz
${c?.toUpperCase()} *ztf_public_20191003.tar.gz
# ${d}  ztf_public_20221231.tar.gz
${d}  ztf_public_20191003_programid3.tar
short  ztf_public_20221231.tar.gz
`
  const rows = withMd5(parseListing(tableText(ENTRIES), ADDRESS), sums).filter(({ md5 }) => md5)
  assert.deepEqual(
    rows.map(({ name, md5 }) => [name, md5]),
    [
      ['ztf_public_20180601.tar.gz', b],
      ['ztf_public_20191003.tar.gz', c],
    ],
  )
})

test('the archive is asked for its page and its sums, and a fault of either changes nothing', async t => {
  const folder = await temporaryFolder(t)
  const archive = await startArchive(new Map(ENTRIES.slice(1, 4).map(({ name }) => [name, Buffer.alloc(5000, name)])))
  t.after(() => archive.close())
  const listing = await fetchListing(new URL(archive.url), '', ignore)
  assert.equal(listing.filter(({ md5 }) => /^[0-9a-f]{32}$/.test(md5)).length, 3)
  for (const name of ['', 'MD5SUMS']) {
    archive.faults.set(name, { status: 503, headers: { 'Retry-After': '0' } })
    const { status, err } = await runScript('uris', { ARCHIVE: archive.url, URIS: join(folder, 'uris') })
    assert.equal(status, 1)
    assert.match(
      err,
      /^error: http:\/\/127\S+ cannot be read: the archive is overloaded \(503\); nothing was changed\n$/,
    )
    assert.deepEqual(await readListingFile(join(folder, 'uris')), [])
    archive.faults.clear()
  }
})

test('a listing that cannot be had is named in one sentence', async t => {
  const LISTING = join(await temporaryFolder(t), 'none.txt')
  const { status, err } = await runScript('uris', { LISTING, URIS: `${LISTING}.uris` })
  assert.equal(status, 1)
  assert.match(err, /^error: LISTING is '\S+none\.txt', which cannot be read: [^\n]+\n$/)
})

test('a night of a year that no survey had is none', () => {
  const rows = parseListing(tableText([nightEntry('20200101'), nightEntry('00010101')]), ADDRESS)
  assert.deepEqual(
    rows.map(({ night }) => night),
    ['', '20200101'],
  )
})

test('sums and rows of tens of MB, made to be read slowly, are passed over', () => {
  const [row] = parseListing(tableText([nightEntry('20200101')]), ADDRESS)
  const sum = 'a'.repeat(32)
  const sums = `${sum}${' '.repeat(5e6)}x y\n${sum}  ${'a/'.repeat(5e6)}b c\n${sum}  ${row?.name}\n`
  assert.equal(withMd5([row as ListedFile], sums)[0]?.md5, sum)
  for (const hostile of [
    'x '.repeat(2e7),
    '\n'.repeat(4e7),
    `${'a'.repeat(999)}\n`.repeat(4e4),
    '<a href="'.repeat(3e6),
  ]) {
    const page = `<html>${hostile}</a>\n<table><tr><td><a href="${row?.name}">x</a></td><td>1M</td></tr></table>`
    const text = `${hostile}\n${row?.name} 1M`
    for (const listing of [page, text]) assert.ok(found(listing), listing.slice(0, 10))
  }
})

/** Whether the one night is found, or its page is refused. */
function found(text: string): boolean {
  try {
    return parseListing(text, ADDRESS).some(({ night }) => night === '20200101')
  } catch (error) {
    return /^the (listing names no night|archive's page ends)/.test((error as Error).message)
  }
}
