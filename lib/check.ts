import { join } from 'node:path'
import { namesIn, sha256Of, statIfThere } from './files.ts'
import type { LakeFile, Manifest } from './manifest.ts'
import { isOwnFile, type Night } from './night.ts'
import { rowsOf } from './parquet.ts'
import type { Paths } from './paths.ts'

/**
 * Checks a night in the lake against its manifest: each file is there with the bytes, the SHA-256 and the rows that were
 * recorded, and there is no other file of the night.
 * @throws Error in one sentence that names the file, what was found and what was expected
 */
export async function checkNight(paths: Paths, night: Night, { files }: Manifest): Promise<void> {
  const folder = paths.partition(night)
  const fail = (name: string, fault: string) => {
    const remedy = `delete ${paths.manifest(night)} and run make lake`
    throw new Error(`${join(folder, name)} ${fault}: ${remedy}`)
  }
  for (const file of files) {
    const fault = await faultOf(join(folder, file.name), file)
    if (fault) fail(file.name, fault)
  }
  const recorded = new Set(files.map(({ name }) => name))
  const own = (await namesIn(folder)).filter(name => isOwnFile(night, name))
  for (const name of own) if (!recorded.has(name)) fail(name, 'is there, expected no file but those of its manifest')
}

/** How a file differs from its record; what is cheap to tell comes first. */
async function faultOf(path: string, { bytes, sha256, alerts }: LakeFile): Promise<string | undefined> {
  const stat = await statIfThere(path)
  if (!stat) return `is not there, expected ${bytes} bytes`
  if (stat.size !== bytes) return `has ${stat.size} bytes, expected ${bytes}`
  const found = await sha256Of(path)
  if (found !== sha256) return `has the SHA-256 ${found}, expected ${sha256}`
  const rows = await rowsOf(path)
  return rows === alerts ? undefined : `has ${rows} rows, expected ${alerts}`
}
