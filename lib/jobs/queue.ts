import type { ListedFile } from '../archive/listing.ts'
import { revisionOf } from '../archive/revision.ts'
import { statOptional } from '../core/files.ts'
import { largestFirst, type Sized } from '../core/share.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { NightToConvert } from './convert-worker.ts'
import type { Job, JobNight } from './worker.ts'

/** Nights of less than this share a process: starting one takes as long as converting some 20 MB. */
const SMALL = 64 << 20
const MOST_A_JOB = 64

/**
 * Nights that wait to be worked on, and the workers that wait for nights. Nights may be added while workers take them;
 * the largest goes first, so that none is left for the end, when the other cores are idle.
 */
export class WorkQueue<N extends JobNight, J extends Job<N>> {
  private readonly common: Omit<J, 'nights'>
  private readonly workers: number
  /** The largest first. */
  private nights: (N & Sized)[] = []
  private readonly idle: ((job: J | undefined) => void)[] = []
  private closed = false

  /** @param common what all jobs are to say */
  constructor(common: Omit<J, 'nights'>, workers: number) {
    this.common = common
    this.workers = workers
  }

  add(nights: readonly (N & Sized)[]): void {
    this.nights = [...this.nights, ...nights].sort(largestFirst)
    this.serve()
  }

  /** No night will be added any more. */
  close(): void {
    this.closed = true
    this.serve()
  }

  /** The next job, as soon as there is one; undefined once all are taken and the queue is closed. */
  next(): Promise<J | undefined> {
    return new Promise(resolve => {
      this.idle.push(resolve)
      this.serve()
    })
  }

  private serve(): void {
    while (this.idle.length > 0 && (this.nights.length > 0 || this.closed)) this.idle.shift()?.(this.take())
  }

  /** The largest night, and where it is small others with it; but no more than a worker's share of the small ones. */
  private take(): J | undefined {
    if (this.nights.length === 0) return undefined
    const share = Math.ceil(this.nights.filter(({ bytes }) => bytes < SMALL).length / this.workers)
    let room = SMALL
    let count = 0
    for (const { bytes } of this.nights) {
      if (count > 0 && (count >= Math.min(share, MOST_A_JOB) || bytes >= room)) break
      room -= bytes
      count++
    }
    return { ...this.common, nights: this.nights.splice(0, count) as readonly N[] } as J
  }
}

/**
 * Nights whose tarballs are on disk, as a queue takes them.
 * @param listing where the MD5 of each night is known from
 * @param inLake whether they are in the lake already, and only their tarballs are to go
 */
export async function toConvert(
  paths: Paths,
  nights: readonly Night[],
  listing: readonly ListedFile[],
  inLake = false,
): Promise<(NightToConvert & Sized)[]> {
  const editions = new Map(listing.map(row => [row.name, revisionOf(row)]))
  const stats = await Promise.all(nights.map(night => statOptional(paths.tarball(night))))
  return nights.map(({ name, stem }, i) => {
    return { stem, listed: editions.get(name), inLake, bytes: stats[i]?.size ?? 0 }
  })
}
