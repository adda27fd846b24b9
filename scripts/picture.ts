// Draws the picture of README.md: a made-up supernova, from alerts of its nights to what `make look` shows.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remove, writeWhole } from '../lib/files.ts'
import { convertNight } from '../lib/lake/convert.ts'
import { lookSheet } from '../lib/look/looksheet.ts'
import { findObject } from '../lib/look/lookup.ts'
import { renderPng } from '../lib/look/picture.ts'
import { parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { SUPERNOVA, supernovaNights } from '../test/synthetic/supernova.ts'
import '../lib/report.ts'

/** A picture of a README is not to weigh more than its text is worth. */
const SCALE = 1.2

const paths = new Paths(await mkdtemp(join(tmpdir(), 'ztf-lake-')))
await mkdir(paths.tarballs)
for (const { name, bytes } of supernovaNights()) {
  await writeFile(join(paths.tarballs, name), bytes)
  const night = parseNight(name)
  if (night) await convertNight(paths, night, { codec: 'snappy', alertsPerFile: 3000 }, undefined)
}
const found = await findObject(paths, SUPERNOVA.objectId, () => true)
await writeWhole('docs/images/look.png', renderPng(lookSheet(found), SCALE))
await remove(paths.data)
