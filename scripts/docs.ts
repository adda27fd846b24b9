// Writes what the code knows best: docs/columns.md, and the tables of README.md and, where the whole archive is listed,
// of docs/scale.md.
import { readFile } from 'node:fs/promises'
import { readListingFile } from '../lib/archive/listing-file.ts'
import { print } from '../lib/core/console.ts'
import { writeChanged } from '../lib/core/files.ts'
import { columnsPage } from '../lib/docs/columns.ts'
import { README_TABLES, withTables } from '../lib/docs/tables.ts'
import { isWhole, scaleTables } from '../lib/plan/scale.ts'
import { readSettings } from '../lib/settings.ts'

await writeChanged('docs/columns.md', columnsPage())
await writeTables('README.md', README_TABLES)
const listing = await readListingFile(readSettings().URIS)
if (isWhole(listing)) await writeTables('docs/scale.md', scaleTables(listing))
else print('docs/scale.md stays as it is: its tables are of the whole listing, which make uris makes')

async function writeTables(page: string, tables: Readonly<Record<string, () => string>>): Promise<void> {
  await writeChanged(page, withTables(await readFile(page, 'utf8'), tables))
}
