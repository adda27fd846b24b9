import { readFile } from 'node:fs/promises'
import { clipped } from '../core/console.ts'
import { cellsOf } from '../core/csv.ts'
import { addPath } from '../core/errors.ts'
import { type Position, parseDec, parseRa } from '../sky/position.ts'

/** Positions to search, with the table that they come from. */
export interface PositionList {
  /** Names of the table's columns. */
  readonly columns: readonly string[]
  readonly positions: readonly ListedPosition[]
}

/** Position in degrees. */
export interface ListedPosition extends Position {
  /** Row of the table, as written. */
  readonly cells: readonly string[]
}

/** Names of the columns with the position in lower case. VizieR has the second ones. */
const RA_NAMES = ['ra', 'raj2000', '_raj2000']
const DEC_NAMES = ['dec', 'dej2000', '_dej2000']

const EXPECTED = 'a header with ra and dec, then positions such as 217.5,-5.21 or 14:30:00,-05:12:36'

interface Line {
  /** File and number of the line, for errors. */
  readonly where: string
  readonly cells: readonly string[]
}

/** Reads a list of positions, see `parsePositions`. */
export async function readPositions(path: string): Promise<PositionList> {
  return parsePositions(await readFile(path, 'utf8').catch(addPath(path)), path)
}

/**
 * Parses a CSV table of positions. Without a header the first two columns are the position. Blank lines, and lines that
 * begin with `#`, are skipped.
 *
 * @param path name of the file, for errors
 * @throws Error if a line is malformed, or the list is empty
 */
export function parsePositions(text: string, path: string): PositionList {
  const [first, ...rest] = linesOf(text, path)
  const isHeader = first && !first.cells.slice(0, 2).every(cell => /^[-+\d]/.test(cell))
  const lines = isHeader ? rest : first ? [first, ...rest] : []
  if (!first || lines.length === 0) throw new Error(`${path} has no positions: expected ${EXPECTED}`)
  const header = isHeader ? first.cells : ['ra', 'dec', ...first.cells.slice(2).map((_, i) => `column${i + 3}`)]
  const [ra, dec] = [RA_NAMES, DEC_NAMES].map(names => header.findIndex(name => names.includes(name.toLowerCase())))
  if (ra === undefined || dec === undefined || ra < 0 || dec < 0)
    throw new Error(`${first.where} has '${clipped(first.cells.join(','), 60)}': expected ${EXPECTED}`)
  const positions = lines.map(({ where, cells }) => {
    if (cells.length !== header.length)
      throw new Error(`${where} has ${cells.length} columns: expected ${header.length}`)
    return {
      ra: parseRa(cells[ra] as string, `${where}: ${header[ra]}`),
      dec: parseDec(cells[dec] as string, `${where}: ${header[dec]}`),
      cells,
    }
  })
  return { columns: header, positions }
}

function linesOf(text: string, path: string): Line[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  return lines.flatMap((line, i) =>
    line.trim() === '' || line.startsWith('#') ? [] : [{ where: `${path}, line ${i + 1}`, cells: cellsOf(line) }],
  )
}
