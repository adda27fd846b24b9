// Writes a page with the light curve, stamps and main fields of an object or alert. With PNG=yes, writes a picture too.
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { writeAtomic } from '../lib/core/files.ts'
import { LakeIndex } from '../lib/index/lake-index.ts'
import { findAlert, findObject } from '../lib/look/find.ts'
import { imageSheet, renderPng } from '../lib/look/image.ts'
import { lookPage } from '../lib/look/page.ts'
import { noteNotIndexed, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const { NIGHTS, OBJECT, CANDID, PNG } = settings
const [objectId] = OBJECT
if (Boolean(objectId) === Boolean(CANDID) || OBJECT.length > 1)
  throw new Error('give either OBJECT=ZTF18aaxcyzb or CANDID=516401800615015114')

const index = await LakeIndex.open(paths)
noteNotIndexed(index, () => true)
const data = objectId ? await findObject(paths, index, objectId, NIGHTS) : await findAlert(paths, index, BigInt(CANDID))
const path = join(paths.looks, objectId || CANDID)
await writeAtomic(`${path}.html`, lookPage(data))
print(`${path}.html`)
if (PNG) {
  await writeAtomic(`${path}.png`, renderPng(imageSheet(data)))
  print(`${path}.png`)
}
