// Writes docs/columns.md, the data dictionary.

import { writeFile } from 'node:fs/promises'
import { columnsPage } from '../lib/dictionary.ts'

await writeFile(new URL('../docs/columns.md', import.meta.url), columnsPage())
