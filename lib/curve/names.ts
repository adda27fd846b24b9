import { readFile } from 'node:fs/promises'
import { clipped } from '../core/console.ts'
import { cellsOf } from '../core/csv.ts'
import { addPath } from '../core/errors.ts'
import { OBJECT_ID } from '../setting-values.ts'

/** Names of the column with the objects, in lower case. */
const HEADINGS = ['objectid', 'oid', 'object_id']

/** Reads a file with names of objects, see `parseNames`. */
export async function readNames(path: string): Promise<string[]> {
  return parseNames(await readFile(path, 'utf8').catch(addPath(path)), path)
}

/**
 * Returns the names of objects in a list with one name per line, or in a CSV table with one object per line. Takes the
 * column `objectId`, `oid` or `object_id`, or else the first one. Skips blank lines and comments after `#`.
 *
 * @param path name of the file, for errors
 * @throws Error if a line has no name, or the list is empty
 */
export function parseNames(text: string, path: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split('\n')
  const rows = lines.flatMap((line, i) => {
    const content = line.replace(/(^|\s)#.*/, '').trim()
    return content ? [{ number: i + 1, cells: cellsOf(content) }] : []
  })
  const heading = isHeading(rows[0]?.cells) ? rows.shift()?.cells : []
  const column = Math.max(0, heading?.findIndex(cell => HEADINGS.includes(cell.toLowerCase())) ?? 0)
  if (rows.length === 0) throw new Error(`${path} has no names of objects, expected one per line`)
  return rows.map(({ number, cells }) => {
    const name = cells[column] ?? ''
    if (OBJECT_ID.test(name)) return name
    const where = `${path}, line ${number}`
    throw new Error(`${where} has '${clipped(name, 40)}': expected the name of an object, such as ZTF18aaxcyzb`)
  })
}

/** Whether a line is a heading: it names the column of objects, or has several columns, all of them words. */
function isHeading([first = '', ...rest]: readonly string[] = []): boolean {
  if ([first, ...rest].some(cell => HEADINGS.includes(cell.toLowerCase()))) return true
  return rest.length > 0 && /^[a-z_ ]+$/i.test(first) && rest.every(cell => /^[a-z_]/i.test(cell))
}
