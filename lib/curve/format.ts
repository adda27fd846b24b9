import { shortestFloat } from '../core/units.ts'
import { COLUMNS, type Column } from './columns.ts'
import type { CurveRow, Value } from './merge.ts'
import type { ObjectCurve } from './read.ts'

export type TextFormat = 'csv' | 'ecsv' | 'json'

/** Text before the rows, between them and after them. */
interface Layout {
  readonly start: string
  readonly row: (row: CurveRow) => string
  readonly between: string
  readonly end: string
}

/** ECSV's names of types. */
const DATATYPES: Readonly<Record<Column['type'], string>> = {
  string: 'string',
  bytes: 'string',
  int: 'int32',
  long: 'int64',
  float: 'float32',
  double: 'float64',
}

/** Units as astropy spells them, if that differs from our spelling. */
const UNITS: Readonly<Record<string, string>> = { 'day (JD)': 'd', 'day (MJD)': 'd', px: 'pix' }

const HEADING = COLUMNS.map(({ name }) => name).join(',')

const LAYOUTS: Readonly<Record<TextFormat, Layout>> = {
  csv: { start: `${HEADING}\n`, row: csvRow, between: '\n', end: '\n' },
  ecsv: { start: `${ecsvHeader(COLUMNS)}\n${HEADING}\n`, row: csvRow, between: '\n', end: '\n' },
  json: { start: '[\n', row: jsonRow, between: ',\n', end: '\n]\n' },
}

/** Formats light curves as one text. Missing values are empty, in JSON null. */
export async function* textOf(curves: AsyncIterable<ObjectCurve>, format: TextFormat): AsyncGenerator<string> {
  const { start, row, between, end } = LAYOUTS[format]
  let before = start
  for await (const { rows } of curves) {
    yield before + rows.map(row).join(between)
    before = between
  }
  yield end
}

/** Comment in front of a CSV table that makes it an ECSV table, without the line break at its end. */
export function ecsvHeader(described: readonly Omit<Column, 'fields'>[]): string {
  const columns = described.map(({ name, type, unit, description }) => {
    const own = [
      `name: ${yamlWord(name)}`,
      ...(unit ? [`unit: ${UNITS[unit] ?? unit}`] : []),
      `datatype: ${DATATYPES[type]}`,
    ]
    return `# - {${own.join(', ')}, description: ${JSON.stringify(description)}}`
  })
  return ['# %ECSV 1.0', '# ---', "# delimiter: ','", '# datatype:', ...columns, '# schema: astropy-2.0'].join('\n')
}

/** Text as a scalar of YAML, in which some words are truth values. */
function yamlWord(text: string): string {
  return /^(?!(y|n|yes|no|on|off|true|false|null)$)[a-z]\w*$/i.test(text) ? text : JSON.stringify(text)
}

function csvRow(row: CurveRow): string {
  return COLUMNS.map(({ name, type }) => cellOf(row[name] ?? null, type)).join(',')
}

/** A value as a cell of CSV; empty if it is missing. */
export function cellOf(value: Value, type: Column['type']): string {
  if (value === null) return ''
  if (typeof value !== 'string') return numeral(value, type)
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

function jsonRow(row: CurveRow): string {
  const members = COLUMNS.map(({ name, type }) => {
    const value = row[name] ?? null
    const text = value === null || typeof value === 'string' ? JSON.stringify(value) : numeral(value, type)
    return `"${name}":${text}`
  })
  return `{${members.join(',')}}`
}

function numeral(value: number | bigint, type: Column['type']): string {
  return type === 'float' ? shortestFloat(Number(value)) : String(value)
}
