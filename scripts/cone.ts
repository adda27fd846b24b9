// Writes the objects at a position, or at each position of a list, to standard output or to OUT.
import { readPositions } from '../lib/cone/positions.ts'
import { searchCones } from '../lib/cone/search.ts'
import { printError, printLines } from '../lib/core/console.ts'
import { adviseOnOut } from '../lib/core/errors.ts'
import { plural, showCount } from '../lib/core/units.ts'
import { ecsvHeader } from '../lib/curve/format.ts'
import { LakeIndex } from '../lib/index/lake-index.ts'
import { exportToFile, exportToStream } from '../lib/query/export.ts'
import { LakeDatabase } from '../lib/query/lake-database.ts'
import { tables } from '../lib/query/table.ts'
import { chosenFormat } from '../lib/settings.ts'
import { assertOut, noteNotIndexed, refuseEmptyNights, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const { NIGHTS, RA, DEC, RADIUS, LIST, OUT, MEMORY } = settings
const FORMAT = chosenFormat('make cone', settings, ['csv', 'ecsv', 'json', 'parquet', 'table'])
const position = RA === undefined || DEC === undefined ? undefined : { ra: RA, dec: DEC, cells: [] }
if (Boolean(position) === Boolean(LIST)) throw new Error('give either RA=217.5 and DEC=-5.21, or LIST=positions.csv')
if (RADIUS === undefined) throw new Error('give a radius in arcsec, such as RADIUS=5')
if (FORMAT === 'table' && OUT) throw new Error('OUT needs another FORMAT: give FORMAT=csv, ecsv, json or parquet')
if (FORMAT === 'parquet' && !OUT) throw new Error('FORMAT=parquet needs a file: give OUT=objects.parquet')
assertOut(OUT, LIST)

const list = position ? { columns: [], positions: [position] } : await readPositions(LIST)
const database = await LakeDatabase.open(paths, NIGHTS, MEMORY)
await refuseEmptyNights(settings)
const index = await LakeIndex.open(paths)
noteNotIndexed(index, NIGHTS)
const { sql, columns, unmatched } = await searchCones(database, index, NIGHTS, { list, radius: RADIUS })
const header = FORMAT === 'ecsv' ? `${ecsvHeader(columns)}\n` : ''
const format = FORMAT === 'ecsv' ? 'csv' : FORMAT
if (format === 'table') for await (const table of tables(database, sql, process.stdout.columns)) printLines(table)
else if (OUT) await exportToFile(database, sql, format, OUT, header).catch(adviseOnOut(OUT))
else if (format !== 'parquet') await exportToStream(database, sql, format, process.stdout, header)
database.close()
if (unmatched > 0) {
  const where = position
    ? `${RA}, ${DEC}`
    : `${showCount(unmatched)} of ${plural(list.positions.length, 'position')} in ${LIST}`
  printError(`note: no object within ${RADIUS} arcsec of ${where}`)
}
