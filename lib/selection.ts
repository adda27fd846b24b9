/** Tells whether a night's date, `YYYYMMDD`, is one that the user asked for. */
export type Selection = (date: string) => boolean

const PART = /^\d{4}((0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?)?$/

/**
 * Reads `NIGHTS`: `2020`, `202001`, `20200101`, `20200101..20200331`, and lists of those with commas; all where empty.
 * @throws Error in one sentence that names the part that is none of these
 */
export function parseSelection(text: string): Selection {
  if (text.trim() === '') return () => true
  const ranges = text.split(',').map(part => parseRange(part.trim()))
  return date => ranges.some(([first, last]) => first <= date && date <= last)
}

function parseRange(text: string): [first: string, last: string] {
  const [from = '', to = from, ...rest] = text.split('..')
  const range: [string, string] = [from.padEnd(8, '0'), to.padEnd(8, '9')]
  if (!PART.test(from) || !PART.test(to) || rest.length > 0 || range[0] > range[1])
    throw new Error(`NIGHTS has '${text}': expected 2020, 202001, 20200101 or 20200101..20200331, with commas between`)
  return range
}
