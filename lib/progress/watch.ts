import { setTimeout as sleep } from 'node:timers/promises'
import { LOOK } from '../parents.ts'
import { printThrough, say } from '../report.ts'
import { removeNote, writeNote } from './notes.ts'
import { heartbeatOf, linesOf, type Side } from './progress.ts'
import { View } from './view.ts'

/** How long nothing may be said where there is no terminal, in ms. */
const BEAT = 60_000

/**
 * Tells how far a run is, until it ends: on a terminal in a live view, elsewhere by a line when nothing was said for a
 * while, and to `make status` by a note, which says what the view shows.
 */
export class Watch {
  private readonly note: string
  private readonly look: () => Promise<Side[]>
  private readonly beat: number
  private readonly view = View.open()
  private readonly ended = new AbortController()
  private readonly watching: Promise<void>
  private said = performance.now()

  /**
   * Begins to watch.
   * @param note where the note is
   * @param look tells how far the run is
   * @param beat how long nothing may be said, in ms
   */
  constructor(note: string, look: () => Promise<Side[]>, beat = BEAT) {
    this.note = note
    this.look = look
    this.beat = beat
    printThrough(print => this.print(print))
    this.watching = this.watch()
  }

  /** Ends the view; what is said from here on comes below what was said so far. */
  async end(): Promise<void> {
    this.ended.abort()
    await this.watching
    this.view?.close()
    printThrough(print => print())
    await removeNote(this.note)
  }

  private async watch(): Promise<void> {
    const { signal } = this.ended
    for (;;) {
      await sleep(LOOK, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      // A folder that cannot be read is for the run itself to tell of.
      const sides = await this.look().catch(() => undefined)
      if (sides && !signal.aborted) this.tell(sides)
    }
  }

  private tell(sides: readonly Side[]): void {
    writeNote(this.note, sides)
    if (this.view) this.view.show(linesOf(sides, this.view.room))
    else if (performance.now() - this.said >= this.beat)
      for (const side of sides) if (side.nights > 0) say(heartbeatOf(side))
  }

  private print(print: () => void): void {
    this.said = performance.now()
    if (this.view) this.view.above(print)
    else print()
  }
}
