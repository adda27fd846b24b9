import { columnsTable } from './dictionary.ts'
import { settingsTable } from './settings.ts'

/** Tables of README.md that the code states, by the name in their markers. */
const TABLES = { settings: settingsTable, columns: () => columnsTable('alert') }

/** The README with its tables made anew, each between its markers. */
export function withTables(readme: string): string {
  return Object.entries(TABLES).reduce((text, [name, table]) => {
    const [start, end] = [`<!-- ${name}: made by make docs -->\n`, `\n<!-- end of ${name} -->`]
    const [before, rest = ''] = text.split(start)
    const after = rest.split(end)[1]
    if (after === undefined) throw new Error(`README.md lacks the markers of the table of ${name}`)
    return `${before}${start}${table()}${end}${after}`
  }, readme)
}
