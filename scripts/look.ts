// Writes a page with the light curve, stamps and main fields of an object or alert. With PNG=yes, writes a picture too.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { makeFolder, replaceFile } from '../lib/core/files.ts'
import { LakeIndex } from '../lib/index/lake-index.ts'
import { findAlert, findObject } from '../lib/look/find.ts'
import { imageSheet, renderPng } from '../lib/look/image.ts'
import { lookPage } from '../lib/look/page.ts'
import { pageName } from '../lib/page-name.ts'
import { settingText } from '../lib/settings.ts'
import { noteMoved, noteNotIndexed, refuseEmptyNights, refuseOut, startCommand } from './command.ts'

const { settings, paths } = startCommand()
refuseOut(settings, 'make look', `pages to ${paths.looks}`)
const { NIGHTS, OBJECT, CANDID, PNG } = settings
const [objectId] = OBJECT
if (OBJECT.length > 1) throw new Error('make look draws one object: make curve writes several')
if (Boolean(objectId) === Boolean(CANDID))
  throw new Error('give either OBJECT=ZTF18aaxcyzb or CANDID=516401800615015114')

if (objectId) await refuseEmptyNights(settings)
const index = await LakeIndex.open(paths)
noteNotIndexed(index, () => true)
if (objectId) noteMoved(index, NIGHTS)
const selected = objectId ? settingText('NIGHTS') : ''
const data = objectId
  ? await findObject(paths, index, objectId, NIGHTS, selected)
  : await findAlert(paths, index, BigInt(CANDID))
const path = join(paths.looks, pageName(objectId || CANDID, selected))
await makeFolder(paths.looks)
const page = await lookPage(data)
await replaceFile(`${path}.html`, temporary => writeFile(temporary, page))
print(`${path}.html`)
if (PNG) {
  const picture = renderPng(imageSheet(data))
  await replaceFile(`${path}.png`, temporary => writeFile(temporary, picture))
  print(`${path}.png`)
}
