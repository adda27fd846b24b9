import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Revision } from '../../lib/archive/revision.ts'
import { convertNight } from '../../lib/lake/convert.ts'
import type { LakeFileSettings } from '../../lib/lake/lake-files.ts'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { type Night, parquetName, parseNight } from '../../lib/night.ts'
import { Paths } from '../../lib/paths.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import { temporaryFolder } from './folder.ts'

export const SETTINGS: LakeFileSettings = { codec: 'snappy', alertsPerFile: 3000 }

/** Creates a data folder, which is removed after the test. */
export async function dataFolder(t: TestContext): Promise<Paths> {
  const paths = new Paths(await temporaryFolder(t))
  await mkdir(paths.tarballs)
  return paths
}

/** Writes a tarball to the data folder, and converts it. */
export async function convert(
  paths: Paths,
  { name, bytes }: Tarball,
  settings: Partial<LakeFileSettings> = {},
  listed?: Revision,
): Promise<Manifest> {
  await writeFile(join(paths.tarballs, name), bytes)
  return convertNight(paths, nightOf(name), { ...SETTINGS, ...settings }, listed)
}

/** The revision of a tarball that the archive lists. */
export function listed({ bytes }: Tarball): Revision {
  return { md5: createHash('md5').update(bytes).digest('hex'), bytes: bytes.length, modified: '' }
}

/** Name of the tarball's Parquet file number `index`. */
export function parquetOf({ name, bytes }: Tarball, index = 0): string {
  return parquetName(nightOf(name), createHash('md5').update(bytes).digest('hex'), index)
}

export function nightOf(name: string): Night {
  const night = parseNight(name)
  if (!night) throw new Error(`${name} is not a night`)
  return night
}
