import assert from 'node:assert/strict'
import { type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import { moveAway } from '../../lib/lake/move-away.ts'
import type { Paths } from '../../lib/paths.ts'
import { nightOf } from './data-folder.ts'

export const ADDRESS = 's3://bucket/ztf'

/** Moves the night of a tarball away, as make publish KEEP_LAKE=no does. Returns its manifest. */
export async function move(paths: Paths, { name }: { readonly name: string }, address = ADDRESS): Promise<Manifest> {
  const night = nightOf(name)
  await moveAway(paths, night, (await readManifest(paths, night)) ?? assert.fail(), address)
  return (await readManifest(paths, night)) ?? assert.fail()
}
