import type { ListedFile } from '../archive/listing.ts'
import { revisionOf } from '../archive/revision.ts'
import { mapLimit, statOptional } from '../core/files.ts'
import { largestFirst, type Sized } from '../core/share.ts'
import type { Night } from '../night.ts'
import type { SummarizedNight } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { NightToConvert } from './convert-worker.ts'
import type { Job, JobNight } from './worker.ts'

/** Size in bytes below which nights share a process, because starting one takes as long as converting about 20 MB. */
const SMALL = 64 << 20
const MAX_NIGHTS_PER_JOB = 64

/**
 * Work queue to which nights may be added at any time. The largest night is taken first, so that it does not run alone
 * at the end while other cores are idle.
 */
export class WorkQueue<N extends JobNight, J extends Job<N>> {
  private readonly common: Omit<J, 'nights'>
  private readonly workers: number
  /** Sorted by size, largest first. */
  private nights: (N & Sized)[] = []
  /** Callbacks of the workers waiting for a job. */
  private readonly idle: ((job: J | undefined) => void)[] = []
  private closed = false

  /** @param common fields that all jobs share */
  constructor(common: Omit<J, 'nights'>, workers: number) {
    this.common = common
    this.workers = workers
  }

  add(nights: readonly (N & Sized)[]): void {
    this.nights = [...this.nights, ...nights].sort(largestFirst)
    this.serve()
  }

  /** Declares that no more nights will be added. */
  close(): void {
    this.closed = true
    this.serve()
  }

  /** Waits for the next job; returns undefined once the queue is closed and empty. */
  next(): Promise<J | undefined> {
    return new Promise(resolve => {
      this.idle.push(resolve)
      this.serve()
    })
  }

  private serve(): void {
    while (this.idle.length > 0 && (this.nights.length > 0 || this.closed)) this.idle.shift()?.(this.take())
  }

  /** Takes the largest night. If it is small, also takes more small nights, up to a worker's share of them. */
  private take(): J | undefined {
    if (this.nights.length === 0) return undefined
    const share = Math.ceil(this.nights.filter(({ bytes }) => bytes < SMALL).length / this.workers)
    let bytesLeft = SMALL
    let count = 0
    for (const { bytes } of this.nights) {
      if (count > 0 && (count >= Math.min(share, MAX_NIGHTS_PER_JOB) || bytes >= bytesLeft)) break
      bytesLeft -= bytes
      count++
    }
    return { ...this.common, nights: this.nights.splice(0, count) as readonly N[] } as J
  }
}

/**
 * Queue entries for nights whose tarballs are on disk.
 * @param lake nights that are already in the lake
 */
export async function toConvert(
  paths: Paths,
  nights: readonly Night[],
  listing: readonly ListedFile[],
  lake: readonly Pick<SummarizedNight, 'night'>[] = [],
): Promise<(NightToConvert & Sized)[]> {
  const revisions = new Map(listing.map(row => [row.name, revisionOf(row)]))
  const inLake = new Set(lake.map(({ night }) => night.name))
  const stats = await mapLimit(nights, night => statOptional(paths.tarball(night)))
  return nights.map(({ name, stem }, i) => {
    return { stem, listed: revisions.get(name), inLake: inLake.has(name), bytes: stats[i]?.size ?? 0 }
  })
}
