import { isDate } from './night.ts'

/** Whether a date, given as `YYYYMMDD`, is selected. */
export type Selection = (date: string) => boolean

/** Selection of an empty `NIGHTS`. */
export const everyNight: Selection = () => true

const DATE_PREFIX = /^\d{4}(\d\d(\d\d)?)?$/
const DASHED = /^\d{4}-\d\d(-\d\d)?(\.\.\d{4}-\d\d(-\d\d)?)?$/

/**
 * Parses `NIGHTS`, a comma-separated list of `2020`, `202001`, `20200101` or `20200101..20200331`. Empty text selects
 * all nights.
 */
export function parseSelection(text: string): Selection {
  if (text.trim() === '') return everyNight
  const ranges = text.split(',').map(part => parseRange(part.trim()))
  return date => ranges.some(([first, last]) => first <= date && date <= last)
}

function parseRange(text: string): [first: string, last: string] {
  const [from = '', to = from, ...rest] = text.split('..')
  const range: [first: string, last: string] = [from.padEnd(8, '0'), to.padEnd(8, '9')]
  const refuse = (expected: string) => new Error(`NIGHTS has '${text}': expected ${expected}`)
  if (DASHED.test(text)) throw refuse(`${text.replaceAll('-', '')}, without dashes`)
  if (!DATE_PREFIX.test(from) || !DATE_PREFIX.test(to) || rest.length > 0)
    throw refuse('2020, 202001, 20200101 or 20200101..20200331, separated by commas')
  const invalid = [from, to].find(date => !isDate(date.padEnd(8, '01')))
  if (invalid) throw refuse(`an existing date, but ${invalid} does not exist`)
  if (range[0] > range[1]) throw refuse(`the earlier date first: ${to}..${from}`)
  return range
}
