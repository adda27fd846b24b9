// Draws the picture of README.md: a made-up supernova, from alerts of its nights to what `make look` shows.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remove, writeAtomic } from '../lib/core/files.ts'
import { convertNight } from '../lib/lake/convert.ts'
import { findObject } from '../lib/look/find.ts'
import { imageSheet, renderPng } from '../lib/look/image.ts'
import { parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { SUPERNOVA, supernovaNights } from '../lib/synthetic/supernova.ts'
import '../lib/core/console.ts'

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
await writeAtomic('docs/images/look.png', renderPng(imageSheet(found), SCALE))
await remove(paths.data)
