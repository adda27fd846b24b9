import { styleText } from 'node:util'
import { createLogUpdate } from 'log-update'

/**
 * Lines at the foot of a terminal, drawn anew as they change, while results pass above them. The cursor is hidden until
 * this is closed, or the process ends.
 * Nothing else imports log-update.
 */
export class View {
  private readonly terminal: NodeJS.WriteStream
  private readonly update: ReturnType<typeof createLogUpdate>
  private lines: readonly string[] = []

  /** A view of standard output; none where that is no terminal, or one that only types, or that does not tell its size. */
  static open(): View | undefined {
    const { isTTY, columns, rows } = process.stdout
    return isTTY && columns > 0 && rows > 0 && process.env.TERM !== 'dumb' ? new View(process.stdout) : undefined
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
