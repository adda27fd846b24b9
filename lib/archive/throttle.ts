import { appendFile, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readOptional, remove, writeAtomic } from '../core/files.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'

/**
 * Keeps the downloads of `make all KEEP_TARS=no` at most AHEAD bytes ahead of the conversion. The run that converts
 * writes the last night that may start into a file; a download that comes later in the order waits for it to change.
 *
 * Nights are downloaded in the order of their names, which is date order.
 */
export class Throttle {
  private readonly file: string
  private readonly ahead: number
  /** Bytes of each night that is not in the lake, by name, in order. */
  private readonly queued: Map<string, number>
  private published: string | undefined
  private isOpen = false
  /** Writes one after the other, so that the newest limit is written last. */
  private writing = Promise.resolve()

  /** @param ahead bytes of tarballs on disk and in transit; a larger night starts once it is the first */
  constructor(file: string, nights: readonly { name: string; bytes: number }[], ahead: number) {
    this.file = file
    this.ahead = ahead
    this.queued = new Map(nights.map(({ name, bytes }) => [name, bytes]))
  }

  /** Writes the limit from now on. */
  async open(): Promise<void> {
    this.isOpen = true
    await this.publish()
  }

  /** Stops writing: the folder of the limit may be removed then. */
  async close(): Promise<void> {
    this.isOpen = false
    await this.writing
  }

  /** A night is in the lake, or has failed: it no longer counts. */
  async remove(name: string): Promise<void> {
    this.queued.delete(name)
    await this.publish()
  }

  /** Name of the last night that may start; undefined if none is queued. */
  get last(): string | undefined {
    let bytes = 0
    let last: string | undefined
    for (const [name, size] of this.queued) {
      bytes += size
      if (last !== undefined && bytes > this.ahead) break
      last = name
    }
    return last
  }

  private publish(): Promise<void> {
    this.writing = this.writing.then(() => this.write())
    return this.writing
  }

  /**
   * Writes the last night that may start, if it has changed. If that fails, removes the limit: the disk is probably
   * full, and a download without a limit fails with that reason instead of waiting for ever.
   */
  private async write(): Promise<void> {
    const { last } = this
    if (!this.isOpen || last === undefined || last === this.published) return
    this.published = last
    await writeAtomic(this.file, last).catch(() => remove(this.file))
  }
}

/**
 * Waits until a night's download may start.
 * @param file that a Throttle writes; without it there is nothing to wait for
 * @param part the night's partial file: an empty one shows `make status` that this download waits
 * @param onWait called once if it has to wait
 */
export async function waitForTurn(
  file: string,
  name: string,
  part: string,
  onWait: () => void,
  pause = () => sleep(POLL_INTERVAL_MS),
): Promise<void> {
  const mayStart = async () => name <= ((await readOptional(file)) ?? name)
  if (await mayStart()) return
  onWait()
  await appendFile(part, '')
  await utimes(part, new Date(), new Date())
  do await pause()
  while (!(await mayStart()))
}
