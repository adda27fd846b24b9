import assert from 'node:assert/strict'

/** Asserts that a message is one printable line of reasonable length, without a stack trace or an internal error. */
export function assertMessage(text: string): void {
  assert.match(text, /^[^\p{C}\p{Zl}\p{Zp}]{5,400}$/u)
  assert.doesNotMatch(text, /\bat \S+:\d+|is not a function|Cannot read prop/)
}
