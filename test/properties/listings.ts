import { indexPage } from '../../lib/synthetic/index-page.ts'
import { ADDRESS, nightEntry } from '../support/archive-table.ts'
import { fc } from './cases.ts'

/** Valid nights that every hostile listing also contains. */
export const LISTED = ['20200101', '20200102', '20210305']

const NIGHT = 'ztf_public_20190101.tar.gz'

/** Link targets that lead elsewhere, or that aria2's input file or a shell would interpret. */
const HREFS = [
  `../${NIGHT}`,
  `/${NIGHT}`,
  `//evil.example/${NIGHT}`,
  `https://evil.example/${NIGHT}`,
  `javascript:alert('${NIGHT}')`,
  `data:text/plain,${NIGHT}`,
  `${ADDRESS.href}../${NIGHT}`,
  `${NIGHT}\n  out=../../canary`,
  `${NIGHT}&#10;  dir=/&#10;  out=canary`,
  `${NIGHT}&#9;https://evil.example/x`,
  `${NIGHT}%0a  out=canary`,
  `${NIGHT}?a=b#c`,
  `x${NIGHT}`,
  'ztf_public_20191332.tar.gz',
  'ztf_public_00010101.tar.gz',
  'ztf_public_2020０１01.tar.gz',
  '--out=canary',
  '-i',
  '"><script>process.exit(9)</script>',
  "'; touch canary; '",
  '$(touch canary)',
  '`touch canary`',
  '\u0000',
  '\u001b[2J',
  '__proto__',
]

const SIZES = ['5M', '1e999', '9'.repeat(400), '-5M', 'NaN', '', '5M\n  out=canary', '0', '1K', '9999999999T', '5M 7M']
const DATES = ['2020-01-01 00:00', '9999-99-99 99:99', '', '10 hours ago', '2020-01-01 00:00\n out=canary']

const cells = fc.record({
  href: fc.oneof(fc.constantFrom(...HREFS), fc.webUrl(), fc.string({ unit: 'binary', maxLength: 60 })),
  date: fc.constantFrom(...DATES),
  size: fc.constantFrom(...SIZES),
})

const rows = fc.array(cells, { maxLength: 20 })

/** The archive's index page with hostile rows before its own. */
const pages = rows.map(pageOf)

/** An index page with every hostile link target. */
export const HOSTILE_PAGE = pageOf(HREFS.map(href => ({ href, date: '2020-01-01 00:00', size: '5M' })))

/** The same listing as plain text copied from a browser. */
const texts = rows.map(hostile =>
  [
    ...hostile.map(({ href, date, size }) => `${href}\t${date}\t${size}`),
    ...LISTED.map(date => `ztf_public_${date}.tar.gz\t2020-05-05 07:22\t100M`),
  ].join('\n'),
)

export const listings = fc.oneof(pages, texts)

const sums = fc.record({
  md5: fc.oneof(fc.constant('0123456789abcdef0123456789abcdef'), fc.string({ maxLength: 40 })),
  name: fc.oneof(fc.constantFrom(...HREFS, `ztf_public_${LISTED[0]}.tar.gz`), fc.string({ maxLength: 40 })),
})

/** MD5SUMS files with valid and invalid lines. */
export const md5sums = fc
  .array(sums, { maxLength: 10 })
  .map(lines => lines.map(({ md5, name }) => `${md5}  ${name}\n`).join(''))

function pageOf(hostile: readonly { href: string; date: string; size: string }[]): string {
  const html = hostile.map(
    ({ href, date, size }) => `<tr><td><a href="${href}">${href}</a></td><td>${date}</td><td>${size}</td></tr>\n`,
  )
  const own = indexPage(LISTED.map(date => nightEntry(date)))
  return own.replace('<table id="indexlist">', () => `<table id="indexlist">${html.join('')}`)
}
