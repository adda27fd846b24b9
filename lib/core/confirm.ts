import { createInterface } from 'node:readline'

/**
 * Asks a question on the terminal. The answer is no unless it is `y` or `yes`.
 * @returns undefined if standard input or standard error is not a terminal, so that nobody can answer
 */
export async function confirm(question: string): Promise<boolean | undefined> {
  const { stdin: input, stderr: output } = process
  if (!input.isTTY || !output.isTTY) return undefined
  output.write(`${question} [y/N] `)
  // Without raw mode, in which Ctrl-C would not reach make.
  const lines = createInterface({ input, terminal: false })
  for await (const line of lines) return /^y(es)?$/i.test(line.trim())
  output.write('\n')
  return false
}
