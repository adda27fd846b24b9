import { Parser } from 'htmlparser2'
import { parseBytes } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import { type Night, parseNight } from '../night.ts'

/** One file of the archive. */
export interface ListedFile {
  readonly name: string
  /** Date of the night, `YYYYMMDD`; empty where the file is no night. */
  readonly night: string
  /** As far as the listing tells: Apache shows two digits, so about, and exact below 1 KiB. */
  readonly bytes: number
  /** `YYYY-MM-DD HH:MM`, UTC; empty where the listing does not tell. */
  readonly modified: string
  /** Empty where the archive publishes none. */
  readonly md5: string
  readonly url: string
  /** `empty`: a night's tarball that holds no alert; `other`: no night's tarball. */
  readonly kind: 'night' | 'programid3' | 'empty' | 'other'
}

/**
 * The smallest tarball of one alert is over ten times this; the archive's empty ones have 0, 44, 55, 74 or 1,024 bytes.
 */
const EMPTY_BELOW = 2048

/** Apache's date; the page's own script may put `10 hours ago` in its place. */
const MODIFIED = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}/

/**
 * Reads the archive's listing from the page itself or from the table as a browser copies it: the result is the same.
 *
 * @param text the page's HTML, or lines of name, date and size
 * @param archive the address that the names are relative to
 * @throws Error in one sentence where there is no night in it, or the page ends before its table does
 */
export function parseListing(text: string, archive: URL): ListedFile[] {
  const byName = new Map<string, ListedFile>()
  for (const line of linesOf(/^\s*</.test(text) ? textOfPage(text, archive) : text))
    for (const row of parseRow(line, archive)) byName.set(row.name, row)
  const listing = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  if (!listing.some(({ night }) => night))
    throw new Error('the listing names no night: expected rows of name, date and size')
  return listing
}

/** Adds the checksums of `MD5SUMS`: lines of md5 and name, some with a path; the last line of a name wins. */
export function withMd5(listing: readonly ListedFile[], md5sums: string): ListedFile[] {
  const md5 = new Map<string, string>()
  for (const line of linesOf(md5sums)) {
    const [sum = '', path = '', ...rest] = line.trim().split(/\s+/)
    const name = path.replace(/^.*\/|^\*/, '')
    if (/^[0-9a-f]{32}$/i.test(sum) && rest.length === 0) md5.set(name, sum.toLowerCase())
  }
  return listing.map(row => ({ ...row, md5: md5.get(row.name) ?? row.md5 }))
}

/** Keeps the MD5 known so far of a file that a listing without checksums shows unchanged. */
export function keepMd5(listing: readonly ListedFile[], record: readonly ListedFile[]): ListedFile[] {
  const known = new Map(record.map(row => [row.name, row]))
  return listing.map(row => {
    const before = known.get(row.name)
    const same = before && before.bytes === row.bytes && (!row.modified || before.modified === row.modified)
    return !row.md5 && same ? { ...row, md5: before.md5 } : row
  })
}

/**
 * The night of a row that has one.
 * @throws Error if the file is not a night's tarball
 */
export function nightOf({ name }: Pick<ListedFile, 'name'>): Night {
  const night = parseNight(name)
  if (!night) throw new Error(`${name} is not a night's tarball`)
  return night
}

/** Whether the file is a night's tarball with alerts in it. */
export function holdsAlerts({ kind }: ListedFile): boolean {
  return kind === 'night' || kind === 'programid3'
}

/** One by one, since a page may have tens of millions; a line too long to be a row's is passed over. */
function* linesOf(text: string): Generator<string> {
  for (const [line] of text.matchAll(/[^\n]+/g)) if (line.length <= LIMITS.line) yield line
}

function parseRow(line: string, archive: URL): ListedFile[] {
  const cells = line.trim().split(/\s+/)
  const name = cells[0] ?? ''
  const bytes = parseBytes(cells.at(-1) ?? '')
  if (cells.length < 2 || !/^\w[\w.-]*$/.test(name) || !isCount(bytes)) return []
  const [modified = ''] = MODIFIED.exec(line) ?? []
  const night = parseNight(name)
  const kind = !night ? 'other' : bytes < EMPTY_BELOW ? 'empty' : night.kind
  return [{ name, night: night?.date ?? '', bytes, modified, md5: '', url: new URL(name, archive).href, kind }]
}

/**
 * The page as text, each row of a table one line. A link's name is its target, since Apache shortens the text;
 * browsers that save a page make its targets absolute.
 */
function textOfPage(html: string, archive: URL): string {
  let text = ''
  let link = ''
  let open = 0
  const parser = new Parser({
    onopentag(tag, { href = '' }) {
      if (tag === 'table' || tag === 'pre') open++
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
      if (tag === 'tr') text += '\n'
      if ((tag === 'table' || tag === 'pre') && !implied) open--
    },
  })
  parser.end(html)
  if (open > 0) throw new Error("the archive's page ends before its table does: try again")
  return text
}

function isCount(bytes: number | undefined): bytes is number {
  return Number.isSafeInteger(bytes)
}

/** What a link is to, in one word: one with a space or a line's end in it is to nothing of the archive's. */
function nameOf(href: string, archive: URL): string {
  const name = href.startsWith(archive.href) ? href.slice(archive.href.length) : href
  return /\s/.test(name) ? '-' : name
}
