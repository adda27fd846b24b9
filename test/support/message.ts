import assert from 'node:assert/strict'
import type { Ran } from './run.ts'

/** Asserts that a message is one printable line of reasonable length, without a stack trace or an internal error. */
export function assertMessage(text: string): void {
  assert.match(text, /^[^\p{C}\p{Zl}\p{Zp}]{5,400}$/u)
  assert.doesNotMatch(text, /\bat \S+:\d+|is not a function|Cannot read prop/)
}

/** Asserts that make has failed with one error message, and no night on its own; returns the message. */
export function assertOneError({ status, out, err }: Ran): string {
  assert.notEqual(status, 0)
  assert.doesNotMatch(out, /^FAILED/m)
  const [message = '', ...rest] = err.trimEnd().split('\n')
  assertMessage(message)
  assert.match(message, /^error: /)
  assert.ok(rest.length === 1 && /^make: \*\*\* /.test(rest[0] ?? ''), err)
  assert.ok(!out.includes(message.slice('error: '.length)), out)
  return message
}
