/** Tells whether a night's date, `YYYYMMDD`, is one that the user asked for. */
export type Selection = (date: string) => boolean

const PART = /^\d{4}((0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?)?$/

/**
 * Reads `NIGHTS`: `2020`, `202001`, `20200101`, `20200101..20200331`, and lists of those with commas; all where empty.
 * @throws Error in one sentence that names the part that is none of these, or the date that does not exist
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
  const strange = [from, to].find(date => !exists(date))
  if (strange) throw new Error(`NIGHTS has '${text}': expected a date that exists, and ${strange} does not`)
  return range
}

/** Whether the calendar has a date; a year and a month it always has. */
function exists(date: string): boolean {
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)]
  return day === '' || new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day)
}
