// Regenerates docs/columns.md, the table in docs/settings.md, and docs/images/look.png.

import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remove, writeAtomic, writeChanged } from '../lib/core/files.ts'
import { columnsPage } from '../lib/docs/columns.ts'
import { SETTINGS_TABLES, withTables } from '../lib/docs/tables.ts'
import { LakeIndex } from '../lib/index/lake-index.ts'
import { updateIndex } from '../lib/index/update.ts'
import { convertNight } from '../lib/lake/convert.ts'
import { findObject } from '../lib/look/find.ts'
import { imageSheet, renderPng } from '../lib/look/image.ts'
import { type Night, parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { SUPERNOVA, supernovaNights } from '../lib/synthetic/supernova.ts'

/** Scale of the picture. It is lower than the default, to keep the file in the repository small. */
const PICTURE_SCALE = 1

await writeChanged('docs/columns.md', columnsPage())
const SETTINGS_PAGE = 'docs/settings.md'
await writeChanged(SETTINGS_PAGE, withTables(await readFile(SETTINGS_PAGE, 'utf8'), SETTINGS_TABLES))
await drawPicture('docs/images/look.png')

/** Draws the demo's supernova from a temporary lake, as `make look PNG=yes` would. */
async function drawPicture(path: string): Promise<void> {
  const paths = new Paths(await mkdtemp(join(tmpdir(), 'ztf-lake-')))
  await mkdir(paths.tarballs)
  for (const { name, bytes } of supernovaNights()) {
    await writeFile(join(paths.tarballs, name), bytes)
    await convertNight(paths, parseNight(name) as Night, { codec: 'snappy', alertsPerFile: 3000 }, undefined)
  }
  await updateIndex(paths, 1)
  const object = await findObject(paths, await LakeIndex.open(paths), SUPERNOVA.objectId, () => true)
  await writeAtomic(path, renderPng(imageSheet(object), PICTURE_SCALE))
  await remove(paths.data)
}
