import { setTimeout as sleep } from 'node:timers/promises'
import { print, setPrinter } from '../core/console.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { LiveView } from './live-view.ts'
import { progressLine, progressLines, type StageProgress } from './model.ts'
import { removeNote, writeNote } from './notes.ts'

/** Time in ms without output after which a progress line is printed, if there is no terminal. */
const SILENCE_MS = 60_000

/**
 * Shows the progress of a run in a live view on a terminal, or otherwise in occasional lines. Also writes it to a note,
 * which is a small file that `make status` reads.
 */
export class ProgressDisplay {
  private readonly note: string
  private readonly poll: () => Promise<StageProgress[]>
  private readonly silence: number
  private readonly view = LiveView.open()
  private readonly ended = new AbortController()
  private readonly polling: Promise<void>
  private lastPrinted = performance.now()

  /**
   * @param note path of the note for `make status`
   * @param poll called every second; returns the progress of each stage
   * @param silence time without output after which a progress line is printed if there is no terminal, in ms
   */
  constructor(note: string, poll: () => Promise<StageProgress[]>, silence = SILENCE_MS) {
    this.note = note
    this.poll = poll
    this.silence = silence
    setPrinter(print => this.print(print))
    this.polling = this.pollUntilEnd()
  }

  /** Removes the live view and the note. */
  async end(): Promise<void> {
    this.ended.abort()
    await this.polling
    this.view?.close()
    setPrinter(print => print())
    await removeNote(this.note)
  }

  private async pollUntilEnd(): Promise<void> {
    const { signal } = this.ended
    for (;;) {
      await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      // Ignore errors, because the run itself reports unreadable folders.
      const stages = await this.poll().catch(() => undefined)
      if (stages && !signal.aborted) this.show(stages)
    }
  }

  private show(stages: readonly StageProgress[]): void {
    writeNote(this.note, stages)
    if (this.view) this.view.show(progressLines(stages, this.view.rows, this.view.columns))
    else if (performance.now() - this.lastPrinted >= this.silence)
      for (const stage of stages) if (stage.nights > 0) print(progressLine(stage))
  }

  private print(print: () => void): void {
    this.lastPrinted = performance.now()
    if (this.view) this.view.above(print)
    else print()
  }
}
