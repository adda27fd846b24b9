// Writes the light curves of objects as a table, to standard output or to OUT.
import { adviseOnOut } from '../lib/core/errors.ts'
import { missingError } from '../lib/curve/missing.ts'
import { readNames } from '../lib/curve/names.ts'
import { CurveReader } from '../lib/curve/read.ts'
import { writeToFile, writeToStream } from '../lib/curve/write.ts'
import { LakeIndex } from '../lib/index/lake-index.ts'
import { chosenFormat } from '../lib/settings.ts'
import { assertOut, noteMoved, noteNotIndexed, refuseEmptyNights, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const { NIGHTS, OBJECT, LIST, OUT } = settings
const format = chosenFormat('make curve', settings, ['csv', 'ecsv', 'json', 'parquet'])
if (OBJECT.length > 0 === Boolean(LIST)) throw new Error('give either OBJECT=ZTF18aaxcyzb or LIST=names.csv')
if (format === 'parquet' && !OUT) throw new Error('FORMAT=parquet needs a file: give OUT=curve.parquet')
assertOut(OUT, LIST)

const names = LIST ? await readNames(LIST) : OBJECT
await refuseEmptyNights(settings)
const index = await LakeIndex.open(paths)
noteNotIndexed(index, NIGHTS)
noteMoved(index, NIGHTS)
const curves = new CurveReader(paths, index, names, NIGHTS)
if (OUT) await writeToFile(curves.read(), format, OUT).catch(adviseOnOut(OUT))
else if (format !== 'parquet') await writeToStream(curves.read(), format, process.stdout)
// If the output failed, that is reported already, and not all light curves are written.
if (curves.missing.length > 0 && !process.stdout.errored) {
  const { message } = await missingError(paths, index, curves.missing, NIGHTS)
  throw new Error(`${message}; the other light curves are written`)
}
