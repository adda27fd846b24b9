import { statIfThere } from './files.ts'
import type { LakeFileSettings } from './lakefiles.ts'
import type { Listed } from './listing.ts'
import type { Night } from './night.ts'
import type { Paths } from './paths.ts'
import type { Job } from './worker.ts'

/** Nights of less than this share a process: starting one takes as long as converting some 20 MB. */
const SMALL = 64 << 20
const MOST_A_JOB = 64

/**
 * Divides nights into jobs, the largest first, so that no large one is left for the end, when the other cores are idle.
 * @param listing where the MD5 of each night is known from
 */
export async function makeJobs(
  nights: readonly Night[],
  paths: Paths,
  settings: LakeFileSettings,
  listing: readonly Listed[],
  workers: number,
): Promise<Job[]> {
  const md5 = new Map(listing.map(row => [row.name, row.md5 || undefined]))
  const stats = await Promise.all(nights.map(night => statIfThere(paths.tarball(night))))
  const sized = nights.map(({ name, stem }, i) => ({ stem, listedMd5: md5.get(name), bytes: stats[i]?.size ?? 0 }))
  sized.sort((a, b) => b.bytes - a.bytes)
  return batches(sized, workers).map(batch => ({ data: paths.data, settings, nights: batch }))
}

/** Puts small nights together; but not so many that the workers would not have four jobs each. */
function batches<N extends { readonly bytes: number }>(nights: readonly N[], workers: number): N[][] {
  const small = nights.filter(({ bytes }) => bytes < SMALL).length
  const most = Math.min(MOST_A_JOB, Math.ceil(small / (workers * 4)))
  const batches: N[][] = []
  let room = 0
  for (const night of nights) {
    const last = batches.at(-1)
    if (last && last.length < most && night.bytes < room) last.push(night)
    else {
      batches.push([night])
      room = SMALL
    }
    room -= night.bytes
  }
  return batches
}
