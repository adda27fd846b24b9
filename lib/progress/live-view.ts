import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'

/**
 * Redraws a few lines at the bottom of the terminal, while printed lines scroll above them. The cursor is hidden until
 * the view is closed or the process ends.
 */
export class LiveView {
  private readonly terminal: NodeJS.WriteStream
  private readonly update: ReturnType<typeof createLogUpdate>
  private lines: readonly string[] = []

  /** Opens a view on standard output; returns undefined unless it is a terminal that can redraw lines. */
  static open(): LiveView | undefined {
    const { isTTY, columns, rows } = process.stdout
    return isTTY && columns > 0 && rows > 0 && process.env.TERM !== 'dumb' ? new LiveView(process.stdout) : undefined
  }

  private constructor(terminal: NodeJS.WriteStream) {
    this.terminal = terminal
    this.update = createLogUpdate(terminal)
  }

  /** Maximum number of lines in the view. Leaves one row for a printed line and one for the cursor. */
  get rows(): number {
    return Math.max(1, this.terminal.rows - 2)
  }

  /** Maximum length of a line, since a wrapped line would take more than one row. */
  get columns(): number {
    return this.terminal.columns - 1
  }

  show(lines: readonly string[]): void {
    this.lines = lines
    this.update(lines.map(line => this.styled(line.slice(0, this.columns))).join('\n'))
  }

  /** Calls a function that prints above the view. */
  above(print: () => void): void {
    this.update.clear()
    print()
    if (this.lines.length > 0) this.show(this.lines)
  }

  close(): void {
    this.update.clear()
    this.update.done()
  }

  /** Colours headings, i.e. lines without an indent. */
  private styled(line: string): string {
    return line.startsWith(' ') || !this.terminal.hasColors() ? line : styleText('cyan', line)
  }
}
