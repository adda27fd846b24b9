// Writes what the code knows best: docs/columns.md, and the tables of README.md and, where the whole archive is listed,
// of docs/scale.md.
import { readFile } from 'node:fs/promises'
import { readRecord } from '../lib/archive/record.ts'
import { columnsPage } from '../lib/docs/dictionary.ts'
import { README_TABLES, withTables } from '../lib/docs/readme.ts'
import { writeChanged } from '../lib/files.ts'
import { isWhole, scaleTables } from '../lib/plan/scale.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'

await writeChanged('docs/columns.md', columnsPage())
await writeTables('README.md', README_TABLES)
const listing = await readRecord(readSettings().URIS)
if (isWhole(listing)) await writeTables('docs/scale.md', scaleTables(listing))
else say('docs/scale.md stays as it is: its tables are of the whole listing, which make uris makes')

async function writeTables(page: string, tables: Readonly<Record<string, () => string>>): Promise<void> {
  await writeChanged(page, withTables(await readFile(page, 'utf8'), tables))
}
