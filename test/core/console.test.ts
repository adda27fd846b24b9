import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clipped, errorLine, print, printable, printError, setPrinter, table } from '../../lib/core/console.ts'

test('escapes what a terminal would obey instead of show', () => {
  assert.equal(printable('a\x1b[31mb\u202e\u2028\n\ud800é'), 'a\\u{1b}[31mb\\u{202e}\\u{2028}\\u{a}\\u{d800}é')
})

test('cuts a long text to the given length', () => {
  assert.deepEqual([clipped('abcdef', 6), clipped('abcdef', 5), clipped('\n', 9)], ['abcdef', 'abcd…', '\\u{a}'])
})

test('prints lines with control characters escaped, and line breaks kept', t => {
  const [out, err] = [t.mock.method(console, 'log', () => {}), t.mock.method(console, 'error', () => {})]
  print('a\nb\x07')
  printError('c\x07')
  assert.deepEqual(out.mock.calls[0]?.arguments, ['a\nb\\u{7}'])
  assert.deepEqual(err.mock.calls[0]?.arguments, ['c\\u{7}'])
})

test('prints through the replaced printer', t => {
  const events: string[] = []
  t.mock.method(console, 'log', (line: string) => events.push(line))
  t.after(() => setPrinter(write => write()))
  setPrinter(write => {
    events.push('clear')
    write()
    events.push('draw')
  })
  print('line')
  assert.deepEqual(events, ['clear', 'line', 'draw'])
})

test('shows an uncaught error as one line, and with DEBUG its stack trace', t => {
  t.after(() => delete process.env.DEBUG)
  delete process.env.DEBUG
  assert.equal(errorLine(new Error('it \x1b failed')), 'error: it \\u{1b} failed')
  process.env.DEBUG = '1'
  assert.match(errorLine(new Error('it failed')), /^Error: it failed\n +at /)
})

test('aligns the first column left and the others right', () => {
  assert.equal(
    table([
      ['year', 'nights'],
      ['total', '1'],
    ]),
    'year   nights\ntotal       1',
  )
  assert.equal(table([]), '')
})
