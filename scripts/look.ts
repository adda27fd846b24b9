// Draws an object or an alert: its light curve, stamps and main fields as a page, with PNG=1 as a picture too.
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { writeAtomic } from '../lib/core/files.ts'
import { findAlert, findObject } from '../lib/look/find.ts'
import { imageSheet, renderPng } from '../lib/look/image.ts'
import { lookPage } from '../lib/look/page.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
const { NIGHTS, OBJECT, CANDID, PNG } = settings
if (Boolean(OBJECT) === Boolean(CANDID))
  throw new Error('what is to be shown? Give OBJECT=ZTF18aaxcyzb or CANDID=516401800615015114, one of the two')

const found = OBJECT ? await findObject(paths, OBJECT, NIGHTS) : await findAlert(paths, BigInt(CANDID))
const path = join(paths.looks, OBJECT || CANDID)
await writeAtomic(`${path}.html`, lookPage(found))
print(`${path}.html`)
if (PNG) {
  await writeAtomic(`${path}.png`, renderPng(imageSheet(found)))
  print(`${path}.png`)
}
