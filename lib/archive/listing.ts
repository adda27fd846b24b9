import { Parser } from 'htmlparser2'
import { parseBytes } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import { type Night, parseNight } from '../night.ts'

export interface ListedFile {
  readonly name: string
  /** Date of the night, `YYYYMMDD`; empty if the file is not a night's tarball. */
  readonly night: string
  /** Size as listed by Apache: exact below 1 KiB, otherwise rounded to two or three digits. */
  readonly bytes: number
  /** `YYYY-MM-DD HH:MM`, UTC; empty if the listing has no date. */
  readonly modified: string
  /** MD5 in hex; empty if the archive publishes none. */
  readonly md5: string
  readonly url: string
  /** `empty` is a night's tarball without alerts; `other` is not a night's tarball. */
  readonly kind: 'night' | 'programid3' | 'empty' | 'other'
}

/**
 * Size in bytes below which a tarball contains no alerts. The archive's empty tarballs have 0, 44, 55, 74 or 1,024
 * bytes. A tarball with a single alert is more than ten times as large as this limit.
 */
const EMPTY_BELOW = 2048

/** Apache's date format. The page's script may have replaced a date with text such as `10 hours ago`. */
const MODIFIED = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}/

/**
 * Parses the archive's listing, which is its HTML page or the table copied from a browser.
 *
 * @param text the page's HTML, or lines with name, date and size
 * @param archive base URL of the files, with a trailing slash
 * @throws Error if the listing contains no night, or the page is incomplete
 */
export function parseListing(text: string, archive: URL): ListedFile[] {
  const byName = new Map<string, ListedFile>()
  for (const line of linesOf(/^\s*</.test(text) ? pageText(text, archive) : text))
    for (const row of parseRow(line, archive)) byName.set(row.name, row)
  const listing = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  if (!listing.some(({ night }) => night))
    throw new Error('the listing contains no night: expected rows of name, date and size')
  return listing
}

/** Adds checksums from `MD5SUMS`, whose lines have an MD5 and a file name or path. The last line for a name wins. */
export function withMd5(listing: readonly ListedFile[], md5sums: string): ListedFile[] {
  const md5 = new Map<string, string>()
  for (const line of linesOf(md5sums)) {
    const [sum = '', path = '', ...rest] = line.trim().split(/\s+/)
    const name = path.replace(/^.*\/|^\*/, '')
    if (/^[0-9a-f]{32}$/i.test(sum) && rest.length === 0) md5.set(name, sum.toLowerCase())
  }
  return listing.map(row => ({ ...row, md5: md5.get(row.name) ?? row.md5 }))
}

/** @throws Error if the file is not a night's tarball */
export function nightOf({ name }: Pick<ListedFile, 'name'>): Night {
  const night = parseNight(name)
  if (!night) throw new Error(`${name} is not a night's tarball`)
  return night
}

/** Whether the file is a night's tarball with alerts. */
export function holdsAlerts({ kind }: ListedFile): boolean {
  return kind === 'night' || kind === 'programid3'
}

/** Yields lines one by one, because a hostile page may have millions. Skips empty and overlong lines. */
function* linesOf(text: string): Generator<string> {
  for (const [line] of text.matchAll(/[^\n]+/g)) if (line.length <= LIMITS.lineLength) yield line
}

function parseRow(line: string, archive: URL): ListedFile[] {
  const [name = '', ...cells] = line.trim().split(/\s+/)
  // lighttpd has the type of the file in a last column.
  const size = cells.findLast(cell => !/^\w+\/[\w.+-]+$/.test(cell)) ?? ''
  const bytes = parseBytes(size)
  if (!/^\w[\w.-]*$/.test(name) || bytes === undefined || !Number.isSafeInteger(bytes)) return []
  const [modified = ''] = MODIFIED.exec(line) ?? []
  const night = parseNight(name)
  const kind = !night ? 'other' : bytes < EMPTY_BELOW ? 'empty' : night.kind
  return [{ name, night: night?.date ?? '', bytes, modified, md5: '', url: new URL(name, archive).href, kind }]
}

/**
 * Converts the page to text, with one line per table row. Link texts, which Apache may truncate, are replaced by the
 * file names in the links' targets.
 * @throws Error if the page is incomplete
 */
function pageText(html: string, archive: URL): string {
  let text = ''
  let link = ''
  let openTables = 0
  const parser = new Parser({
    onopentag(tag, { href = '' }) {
      if (tag === 'table' || tag === 'pre') openTables++
      if (tag === 'pre' || tag === 'hr') text += '\n'
      if (tag === 'a') link = nameOf(href, archive)
    },
    ontext(part) {
      if (!link) text += part
    },
    onclosetag(tag, implied) {
      if (tag === 'a') {
        text += ` ${link} `
        link = ''
      }
      if (tag === 'td') text += ' '
      if (tag === 'tr') text += '\n'
      if ((tag === 'table' || tag === 'pre') && !implied) openTables--
    },
  })
  parser.end(html)
  if (openTables > 0) throw new Error("the archive's page is incomplete: try again")
  return text
}

/**
 * File name in a link's target, or `-` if the target contains whitespace. In a page saved by a browser, targets are
 * absolute URLs; some servers write the path from the root, or from this folder.
 */
function nameOf(href: string, archive: URL): string {
  const folder = [archive.href, archive.pathname, './'].find(folder => href.startsWith(folder)) ?? ''
  const name = href.slice(folder.length)
  return /\s/.test(name) ? '-' : name
}
