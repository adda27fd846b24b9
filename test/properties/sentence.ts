import assert from 'node:assert/strict'

/** That it is one sentence that a terminal can show: one line, not long, no stack trace, no control. */
export function isSentence(text: string): void {
  assert.match(text, /^[^\p{C}\p{Zl}\p{Zp}]{5,400}$/u)
  assert.doesNotMatch(text, /\bat \S+:\d+|is not a function|Cannot read prop/)
}
