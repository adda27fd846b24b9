import { SETTINGS } from '../settings.ts'
import { markdownTable } from './markdown.ts'

/** Generated tables in docs/settings.md, keyed by the name in their markers. */
export const SETTINGS_TABLES = { settings: settingsTable() }

/** Replaces the generated tables in a page. Each one is between a pair of markers. */
export function withTables(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, table]) => replaceTable(text, name, table), page)
}

function replaceTable(page: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}: made by make docs -->\n`, `\n<!-- end of ${name} -->`]
  const [before, rest = ''] = page.split(start)
  const after = rest.split(end)[1]
  if (after === undefined)
    throw new Error(`no markers for the table of ${name}: expected '${start.trim()}' and '${end.trim()}'`)
  return `${before}${start}${table}${end}${after}`
}

function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, { description, default: value }]) => [
    `\`${name}\``,
    value && `\`${value}\``,
    description,
  ])
  return markdownTable(['setting', 'default', 'description'], rows)
}
