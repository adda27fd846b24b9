import { COLUMNS, type Column } from '../curve/columns.ts'
import { cellOf } from '../curve/format.ts'
import type { CurveRow } from '../curve/merge.ts'
import { formatUtc } from './astro.ts'
import { escapeMarkup } from './svg.ts'

/** Columns of the light curve in the table, in order. The CSV has all. */
const SHOWN = [
  ...['mjd', 'band', 'kind', 'magpsf_corr', 'sigmapsf_corr', 'sigmapsf_corr_ext', 'magpsf', 'sigmapsf', 'isdiffpos'],
  ...['diffmaglim', 'forcediffimflux', 'forcediffimfluxunc', 'drb', 'distnr', 'field', 'rcid', 'candid'],
]

/** HTML table of a light curve. Columns without any value are left out. */
export function pointTable(rows: readonly CurveRow[]): string {
  const columns = SHOWN.flatMap(name => COLUMNS.find(column => column.name === name) ?? []).filter(({ name }) =>
    rows.some(row => row[name] !== null),
  )
  const heading = ['date (UTC)', ...columns.map(({ name }) => name)].map(name => `<th scope="col">${name}</th>`)
  const body = rows.map(
    row =>
      `<tr>${cells(row, columns)
        .map(text => `<td>${text}</td>`)
        .join('')}</tr>`,
  )
  return `<table><thead><tr>${heading.join('')}</tr></thead>\n<tbody>${body.join('\n')}</tbody></table>`
}

function cells(row: CurveRow, columns: readonly Column[]): string[] {
  const date = typeof row.jd === 'number' ? formatUtc(row.jd) : ''
  return [date, ...columns.map(({ name, type }) => escapeMarkup(cellOf(row[name] ?? null, type)))]
}
