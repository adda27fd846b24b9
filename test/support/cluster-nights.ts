import { mkdir, writeFile } from 'node:fs/promises'
import type { Paths } from '../../lib/paths.ts'
import { writeNight } from '../../lib/synthetic/large-night.ts'
import { real, synthetic } from './kill-nights.ts'

/** Each takes so long, with a few alerts a file, that it can be disturbed on the way: by day, the alerts. */
const LARGE = { '20200301': 600, '20210302': 500, '20220303': 450, '20230304': 400 }

/** Puts nights of several sizes on disk, all that a night may have among them, and some real ones where there are. */
export async function prepare(paths: Paths): Promise<void> {
  await mkdir(paths.tarballs, { recursive: true })
  for (const [name, bytes] of [...(await synthetic(20)), ...(await real())])
    await writeFile(`${paths.tarballs}/${name}`, bytes)
  for (const [night, alerts] of Object.entries(LARGE))
    await writeNight(`${paths.tarballs}/ztf_public_${night}.tar.gz`, night, alerts)
}

/** The stems of the large nights, the largest first. */
export const LARGE_STEMS = Object.keys(LARGE).map(night => `ztf_public_${night}`)
