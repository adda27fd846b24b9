import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'
import { print, setPrinter } from '../core/console.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { progressLine, progressLines, type StageProgress } from './model.ts'
import { removeNote, writeNote } from './notes.ts'

/** How long nothing may be said where there is no terminal, in ms. */
const BEAT = 60_000

/**
 * Tells how far a run is, until it ends: on a terminal in a live view, elsewhere by a line when nothing was said for a
 * while, and to `make status` by a note, which says what the view shows.
 */
export class ProgressDisplay {
  private readonly note: string
  private readonly look: () => Promise<StageProgress[]>
  private readonly beat: number
  private readonly view = LiveView.open()
  private readonly ended = new AbortController()
  private readonly watching: Promise<void>
  private said = performance.now()

  /**
   * Begins to watch.
   * @param note where the note is
   * @param look tells how far the run is
   * @param beat how long nothing may be said, in ms
   */
  constructor(note: string, look: () => Promise<StageProgress[]>, beat = BEAT) {
    this.note = note
    this.look = look
    this.beat = beat
    setPrinter(print => this.print(print))
    this.watching = this.watch()
  }

  /** Ends the view; what is said from here on comes below what was said so far. */
  async end(): Promise<void> {
    this.ended.abort()
    await this.watching
    this.view?.close()
    setPrinter(print => print())
    await removeNote(this.note)
  }

  private async watch(): Promise<void> {
    const { signal } = this.ended
    for (;;) {
      await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      // A folder that cannot be read is for the run itself to tell of.
      const sides = await this.look().catch(() => undefined)
      if (sides && !signal.aborted) this.tell(sides)
    }
  }

  private tell(sides: readonly StageProgress[]): void {
    writeNote(this.note, sides)
    if (this.view) this.view.show(progressLines(sides, this.view.room))
    else if (performance.now() - this.said >= this.beat)
      for (const side of sides) if (side.nights > 0) print(progressLine(side))
  }

  private print(print: () => void): void {
    this.said = performance.now()
    if (this.view) this.view.above(print)
    else print()
  }
}

/**
 * Lines at the foot of a terminal, drawn anew as they change, while results pass above them. The cursor is hidden until
 * this is closed, or the process ends.
 * Nothing else imports log-update.
 */
export class LiveView {
  private readonly terminal: NodeJS.WriteStream
  private readonly update: ReturnType<typeof createLogUpdate>
  private lines: readonly string[] = []

  /** A view of standard output; none where that is no terminal, or one that only types, or that does not tell its size. */
  static open(): LiveView | undefined {
    const { isTTY, columns, rows } = process.stdout
    return isTTY && columns > 0 && rows > 0 && process.env.TERM !== 'dumb' ? new LiveView(process.stdout) : undefined
  }

  private constructor(terminal: NodeJS.WriteStream) {
    this.terminal = terminal
    this.update = createLogUpdate(terminal)
  }

  /** Lines that there is room for, below one of results. */
  get room(): number {
    return Math.max(1, this.terminal.rows - 2)
  }

  show(lines: readonly string[]): void {
    this.lines = lines
    // What is longer than the terminal is wide would be more lines than one.
    const width = this.terminal.columns - 1
    this.update(lines.map(line => this.styled(line.slice(0, width))).join('\n'))
  }

  /** Has something be printed above the view. */
  above(print: () => void): void {
    this.update.clear()
    print()
    if (this.lines.length > 0) this.show(this.lines)
  }

  close(): void {
    this.update.clear()
    this.update.done()
  }

  /** Nights stand below what they are nights of. A terminal has no colours where NO_COLOR says so. */
  private styled(line: string): string {
    return line.startsWith(' ') || !this.terminal.hasColors() ? line : styleText('cyan', line)
  }
}
