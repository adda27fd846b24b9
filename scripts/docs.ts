// Regenerates docs/columns.md and the tables of README.md from the code.
import { readFile } from 'node:fs/promises'
import { writeChanged } from '../lib/core/files.ts'
import { columnsPage } from '../lib/docs/columns.ts'
import { README_TABLES, withTables } from '../lib/docs/tables.ts'

await writeChanged('docs/columns.md', columnsPage())
await writeChanged('README.md', withTables(await readFile('README.md', 'utf8'), README_TABLES))
