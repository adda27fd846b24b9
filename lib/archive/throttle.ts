import { appendFile, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readOptional, remove, writeAtomic } from '../core/files.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'

/**
 * Keeps the downloads of `make all KEEP_TARS=no` at most AHEAD bytes ahead of the conversion. `make all` writes the
 * limit, which is the name of the last night that may start, to a file. The downloads of later nights poll this file.
 *
 * Nights are downloaded in order of their names, which is date order.
 */
export class Throttle {
  private readonly file: string
  private readonly ahead: number
  /** Tarball sizes in bytes of the nights still to be converted, by name, in download order. */
  private readonly queued: Map<string, number>
  private published: string | undefined
  private isOpen = false
  /** The most recent write. Writes run one after another, so that the newest limit is written last. */
  private writing = Promise.resolve()

  /** @param ahead maximum total size in bytes of unconverted tarballs; the first night in the queue may exceed it */
  constructor(file: string, nights: readonly { name: string; bytes: number }[], ahead: number) {
    this.file = file
    this.ahead = ahead
    this.queued = new Map(nights.map(({ name, bytes }) => [name, bytes]))
  }

  /** Writes the limit now, and again whenever it changes. */
  async open(): Promise<void> {
    this.isOpen = true
    await this.publish()
  }

  /** Stops writing, so that the file's folder can be removed. */
  async close(): Promise<void> {
    this.isOpen = false
    await this.writing
  }

  /** Removes a night that is in the lake or has failed, so that later nights may start. */
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
   * Writes the limit if it has changed. If this fails, e.g. on a full disk, removes the file, because downloads
   * would otherwise wait forever.
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
 * @param file the file written by a Throttle; if it does not exist, there is no limit
 * @param part the night's partial file, created or touched so that the progress display includes the night
 * @param onWait called once if the download has to wait
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
