// Writes what the code knows best: docs/columns.md, and the tables of README.md.
import { readFile } from 'node:fs/promises'
import { columnsPage } from '../lib/dictionary.ts'
import { writeChanged } from '../lib/files.ts'
import { withTables } from '../lib/readme.ts'
import '../lib/report.ts'

await writeChanged('docs/columns.md', columnsPage())
await writeChanged('README.md', withTables(await readFile('README.md', 'utf8')))
