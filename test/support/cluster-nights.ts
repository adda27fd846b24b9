import { mkdir, writeFile } from 'node:fs/promises'
import type { Paths } from '../../lib/paths.ts'
import { writeNight } from '../../lib/synthetic/large-night.ts'
import { real, synthetic } from './kill-nights.ts'

/** Number of alerts by date of nights that take long to convert, so that tests can interrupt the conversion. */
const LARGE = { '20200301': 600, '20210302': 500, '20220303': 450, '20230304': 400 }

/** Puts nights of several sizes on disk: intact, damaged and empty ones, and some real ones if they are available. */
export async function prepare(paths: Paths): Promise<void> {
  await mkdir(paths.tarballs, { recursive: true })
  for (const [name, bytes] of [...(await synthetic(20)), ...(await real())])
    await writeFile(`${paths.tarballs}/${name}`, bytes)
  for (const [night, alerts] of Object.entries(LARGE))
    await writeNight(`${paths.tarballs}/ztf_public_${night}.tar.gz`, night, alerts)
}

/** Stems of the large nights, the largest first. */
export const LARGE_STEMS = Object.keys(LARGE).map(night => `ztf_public_${night}`)
