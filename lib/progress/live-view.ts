import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'

/**
 * Lines at the bottom of the terminal that are redrawn as they change, while printed lines scroll above them. The cursor
 * is hidden until the view is closed or the process ends.
 */
export class LiveView {
  private readonly terminal: NodeJS.WriteStream
  private readonly update: ReturnType<typeof createLogUpdate>
  private lines: readonly string[] = []

  /** A view on standard output; undefined if that is not a terminal of known size that can move its cursor. */
  static open(): LiveView | undefined {
    const { isTTY, columns, rows } = process.stdout
    return isTTY && columns > 0 && rows > 0 && process.env.TERM !== 'dumb' ? new LiveView(process.stdout) : undefined
  }

  private constructor(terminal: NodeJS.WriteStream) {
    this.terminal = terminal
    this.update = createLogUpdate(terminal)
  }

  /** Lines that fit below one printed line. */
  get rows(): number {
    return Math.max(1, this.terminal.rows - 2)
  }

  show(lines: readonly string[]): void {
    this.lines = lines
    // Cut to the terminal's width: a line that wraps would be counted as one.
    const width = this.terminal.columns - 1
    this.update(lines.map(line => this.styled(line.slice(0, width))).join('\n'))
  }

  /** Prints something above the view. */
  above(print: () => void): void {
    this.update.clear()
    print()
    if (this.lines.length > 0) this.show(this.lines)
  }

  close(): void {
    this.update.clear()
    this.update.done()
  }

  /** Colours the headings; the lines of nights below them are indented. */
  private styled(line: string): string {
    return line.startsWith(' ') || !this.terminal.hasColors() ? line : styleText('cyan', line)
  }
}
