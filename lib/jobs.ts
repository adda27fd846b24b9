import { statIfThere } from './files.ts'
import type { Listed } from './listing.ts'
import type { Night } from './night.ts'
import { Paths } from './paths.ts'
import type { Edition } from './setaside.ts'
import type { Job, JobNight } from './worker.ts'

/** Nights of less than this share a process: starting one takes as long as converting some 20 MB. */
const SMALL = 64 << 20
const MOST_A_JOB = 64

/**
 * Nights that wait to be converted, and the workers that wait for nights. Nights may be added while workers take them;
 * the largest goes first, so that none is left for the end, when the other cores are idle.
 */
export class JobQueue {
  private readonly common: Omit<Job, 'nights'>
  private readonly listing: ReadonlyMap<string, Edition>
  private readonly workers: number
  /** The largest first. */
  private nights: (JobNight & { readonly bytes: number })[] = []
  private readonly idle: ((job: Job | undefined) => void)[] = []
  private closed = false

  /**
   * @param common what all jobs are to say
   * @param listing what the archive has of each night
   */
  constructor(common: Omit<Job, 'nights'>, listing: readonly Listed[], workers: number) {
    this.common = common
    this.listing = new Map(listing.map(({ name, md5, bytes, modified }) => [name, { md5, bytes, modified }]))
    this.workers = workers
  }

  /** @param inLake whether the nights are in the lake already, and only their tarballs are to go */
  async add(nights: readonly Night[], inLake: boolean): Promise<void> {
    const paths = new Paths(this.common.data)
    const stats = await Promise.all(nights.map(night => statIfThere(paths.tarball(night))))
    const sized = nights.map(({ name, stem }, i) => {
      return { stem, listed: this.listing.get(name), inLake, bytes: stats[i]?.size ?? 0 }
    })
    this.nights = [...this.nights, ...sized].sort((a, b) => b.bytes - a.bytes)
    this.serve()
  }

  /** No night will be added any more. */
  close(): void {
    this.closed = true
    this.serve()
  }

  /** The next job, as soon as there is one; undefined once all are taken and the queue is closed. */
  next(): Promise<Job | undefined> {
    return new Promise(resolve => {
      this.idle.push(resolve)
      this.serve()
    })
  }

  private serve(): void {
    while (this.idle.length > 0 && (this.nights.length > 0 || this.closed)) this.idle.shift()?.(this.take())
  }

  /** The largest night, and where it is small others with it; but no more than a worker's share of the small ones. */
  private take(): Job | undefined {
    if (this.nights.length === 0) return undefined
    const share = Math.ceil(this.nights.filter(({ bytes }) => bytes < SMALL).length / this.workers)
    let room = SMALL
    let count = 0
    for (const { bytes } of this.nights) {
      if (count > 0 && (count >= Math.min(share, MOST_A_JOB) || bytes >= room)) break
      room -= bytes
      count++
    }
    return { ...this.common, nights: this.nights.splice(0, count) }
  }
}
