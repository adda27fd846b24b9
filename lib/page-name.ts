import { createHash } from 'node:crypto'

/** Longest selection in a file name. File systems allow 255 bytes. */
const MAX_LENGTH = 100

/** File name of a page, without extension. It contains the selected nights, so that pages do not replace each other. */
export function pageName(name: string, selected: string): string {
  const nights = selected.replaceAll(/\s/g, '')
  if (nights === '') return name
  if (nights.length <= MAX_LENGTH) return `${name}_${nights}`
  const hash = createHash('sha256').update(nights).digest('hex').slice(0, 12)
  return `${name}_${nights.slice(0, 17)}-${hash}`
}
