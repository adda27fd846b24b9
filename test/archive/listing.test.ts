import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ListedFile, nightOf, parseListing, withMd5 } from '../../lib/archive/listing.ts'
import { indexPage } from '../../lib/synthetic/index-page.ts'
import { ADDRESS, entry, nightEntry, tableText } from '../support/archive-table.ts'

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

test('parses the page and the table copied from it to the same rows', () => {
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

test('parses a page whose links a browser made absolute', () => {
  const page = indexPage(ENTRIES)
  const saved = page.replaceAll(/href="(ztf|VAL|MD5)/g, `href="${ADDRESS}$1`).replace('<!DOC', '<!-- saved --><!DOC')
  assert.notEqual(saved, page)
  assert.deepEqual(parseListing(saved, ADDRESS), parseListing(page, ADDRESS))
})

test('parses a page whose links have the path from the root or from its folder', () => {
  const page = indexPage(ENTRIES)
  for (const folder of [ADDRESS.pathname, './'])
    assert.deepEqual(
      parseListing(page.replaceAll(/href="(ztf|VAL|MD5)/g, `href="${folder}$1`), ADDRESS),
      parseListing(page, ADDRESS),
    )
})

test("parses lighttpd's page, whose cells have no whitespace between them and end with a type", () => {
  const row = (name: string, size: string, type = 'application/x-gzip') =>
    `<tr><td class="n"><a href="${name}">${name}</a></td><td class="m">2020-May-05 07:22:00</td>` +
    `<td class="s">${size}</td><td class="t">${type}</td></tr>\n`
  const rows = row('ztf_public_20180601.tar.gz', '767.0M') + row('ztf_public_20191003.tar.gz', '74', 'text/plain')
  const page = `<!DOCTYPE html><html><body><table><tr class="d"><td class="n"><a href="../">..</a>/</td>
<td class="m">&nbsp;</td><td class="s">- &nbsp;</td><td class="t">Directory</td></tr>${rows}</table></body></html>`
  assert.deepEqual(
    parseListing(page, ADDRESS).map(({ name, bytes, modified }) => [name, bytes, modified]),
    [
      ['ztf_public_20180601.tar.gz', 767 << 20, ''],
      ['ztf_public_20191003.tar.gz', 74, ''],
    ],
  )
})

test('parses an index of preformatted lines, with shortened names in full', () => {
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

test('leaves out a date that the page shows as an age', () => {
  for (const age of ['10 hours ago', '1 day ago', 'just now']) {
    const text = tableText(ENTRIES)
    const aged = text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, age)
    assert.notEqual(aged, text)
    const rows = parseListing(text, ADDRESS).map(row => ({ ...row, modified: '' }))
    assert.deepEqual(parseListing(aged, ADDRESS), rows)
    assert.deepEqual(parseListing(indexPage(ENTRIES).replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, age), ADDRESS), rows)
  }
})

test('refuses a page that is cut before the end of its table', () => {
  const page = indexPage(ENTRIES)
  const end = page.indexOf('</table>')
  assert.ok(parseListing(page.slice(0, end + '</table>'.length), ADDRESS).length > 0)
  for (let at = 0; at < end + '</table'.length; at += 7)
    assert.throws(
      () => parseListing(page.slice(0, at), ADDRESS),
      /^Error: (the archive's page is incomplete|the listing contains no)/,
    )
})

test('refuses a listing without any night', () => {
  for (const text of ['', ' \n', '<html><body>503 busy</body></html>', 'Not found', indexPage([]), tableText([])])
    assert.throws(() => parseListing(text, ADDRESS), /^Error: the listing contains no night: [^\n]+$/)
})

test('never makes a URL of a name that is not a plain file name', () => {
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

test('lists a file with an invalid date as another file', () => {
  const names = ['ztf_public_20200230.tar.gz', 'ztf_public_20201301.tar.gz', 'xztf_public_20200101.tar.gz']
  const rows = parseListing(tableText([...ENTRIES, ...names.map(name => entry(name))]), ADDRESS)
  for (const name of names) assert.equal(rows.find(row => row.name === name)?.kind, 'other', name)
})

test('takes the last checksum of a name, with or without a path', () => {
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

test('takes a file of another century for another file', () => {
  const rows = parseListing(tableText([nightEntry('20200101'), nightEntry('00010101')]), ADDRESS)
  assert.deepEqual(
    rows.map(({ night }) => night),
    ['', '20200101'],
  )
})

test('skips hostile lines of tens of MB, made to be slow to parse', () => {
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
    for (const listing of [page, text]) assert.ok(foundOrRefused(listing), listing.slice(0, 10))
  }
})

test('refuses a row that is not a night', () => {
  const rows = parseListing(tableText(ENTRIES), ADDRESS).toReversed()
  assert.equal(nightOf(rows[0] as ListedFile).date, '20221231')
  assert.throws(() => nightOf({ name: 'VALIDATE' }), { message: "VALIDATE is not a night's tarball" })
})

/** Whether the only night is found, or its page is refused. */
function foundOrRefused(text: string): boolean {
  try {
    return parseListing(text, ADDRESS).some(({ night }) => night === '20200101')
  } catch (error) {
    return /^the (listing contains no night|archive's page is incomplete)/.test((error as Error).message)
  }
}
