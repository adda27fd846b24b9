import { settingsTable } from '../settings.ts'
import { columnsTable } from './columns.ts'

/** Tables of README.md that the code states, by the name in their markers. */
export const README_TABLES = { settings: settingsTable, columns: () => columnsTable('alert') }

/** A page with its tables made anew, each between its markers. @throws Error in one sentence where one has none */
export function withTables(page: string, tables: Readonly<Record<string, () => string>>): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [start, end] = [`<!-- ${name}: made by make docs -->\n`, `\n<!-- end of ${name} -->`]
    const [before, rest = ''] = text.split(start)
    const after = rest.split(end)[1]
    if (after === undefined)
      throw new Error(
        `the page lacks the markers of its table of ${name}: expected '${start.trim()}' and '${end.trim()}'`,
      )
    return `${before}${start}${table()}${end}${after}`
  }, page)
}
