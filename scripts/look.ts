// Draws an object or an alert: its light curve, stamps and main fields as a page, with PNG=1 as a picture too.
import { join } from 'node:path'
import { writeWhole } from '../lib/files.ts'
import { lookPage } from '../lib/look/lookpage.ts'
import { lookSheet } from '../lib/look/looksheet.ts'
import { findAlert, findObject } from '../lib/look/lookup.ts'
import { renderPng } from '../lib/look/picture.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'

const { DATA, NIGHTS, OBJECT, CANDID, PNG } = readSettings()
if (Boolean(OBJECT) === Boolean(CANDID))
  throw new Error('what is to be shown? Give OBJECT=ZTF18aaxcyzb or CANDID=516401800615015114, one of the two')

const paths = new Paths(DATA)
const found = OBJECT ? await findObject(paths, OBJECT, NIGHTS) : await findAlert(paths, BigInt(CANDID))
const path = join(paths.looks, OBJECT || CANDID)
await writeWhole(`${path}.html`, lookPage(found))
say(`${path}.html`)
if (PNG) {
  await writeWhole(`${path}.png`, renderPng(lookSheet(found)))
  say(`${path}.png`)
}
