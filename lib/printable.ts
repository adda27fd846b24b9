/** What a terminal or a line of a file would obey instead of show: controls, escapes, directions, lone surrogates. */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * Text from outside as one line that can be shown: whatever is no letter, mark or space of it is written as `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(UNSHOWN, letter => `\\u{${(letter.codePointAt(0) as number).toString(16)}}`)
}

/** The same, cut to so many characters. */
export function clipped(text: string, longest: number): string {
  const line = printable(text.slice(0, longest + 1))
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}
