import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import {
  clipped,
  errorLine,
  handleOutputErrors,
  print,
  printable,
  printError,
  printLines,
  setPrinter,
  table,
  writeTo,
} from '../../lib/core/console.ts'

test('escapes what a terminal would obey instead of show', () => {
  assert.equal(printable('a\x1b[31mb\u202e\u2028\n\ud800é'), 'a\\u{1b}[31mb\\u{202e}\\u{2028}\\u{a}\\u{d800}é')
})

test('cuts a long text to the given length', () => {
  assert.deepEqual([clipped('abcdef', 6), clipped('abcdef', 5), clipped('\n', 9)], ['abcdef', 'abcd…', '\\u{a}'])
})

test('prints a line with control characters and line breaks escaped, and a text line by line', t => {
  const [out, err] = [t.mock.method(console, 'log', () => {}), t.mock.method(console, 'error', () => {})]
  print('a\nb\x07')
  printLines('c\nd\x07')
  printError('e\nf\x07')
  assert.deepEqual(
    out.mock.calls.flatMap(call => call.arguments),
    ['a\\u{a}b\\u{7}', 'c', 'd\\u{7}'],
  )
  assert.deepEqual(err.mock.calls[0]?.arguments, ['e\\u{a}f\\u{7}'])
})

test('ignores a closed pipe, and reports another error of the output once and by the exit status', t => {
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()] as [NodeJS.WriteStream, NodeJS.WriteStream]
  const printed = t.mock.method(console, 'error', () => {})
  t.after(() => {
    process.exitCode = undefined
  })
  handleOutputErrors({ stdout, stderr } as Parameters<typeof handleOutputErrors>[0])
  const emit = (stream: EventEmitter, code: string) =>
    stream.emit('error', Object.assign(new Error(`${code}: no space left on device, write`), { code }))
  for (const stream of [stdout, stderr]) emit(stream, 'EPIPE')
  assert.deepEqual([process.exitCode, printed.mock.callCount()], [undefined, 0])
  for (const code of ['ENOSPC', 'ENOSPC']) emit(stdout, code)
  const messages = printed.mock.calls.flatMap(call => call.arguments)
  assert.deepEqual(
    [process.exitCode, messages],
    [1, ['error: cannot write to standard output: no space left on device']],
  )
})

test('reads no more of a text once its stream fails, and passes on errors of the text', async () => {
  const closed = new Writable({ write: (_chunk, _encoding, done) => done(new Error('closed')) }).on('error', () => {})
  let pieces = 0
  async function* text() {
    for (pieces = 1; pieces < 9; pieces++) yield 'piece'
    throw new Error('unreadable')
  }
  await writeTo(closed, text())
  assert.equal(pieces, 1)
  await assert.rejects(writeTo(new PassThrough(), text()), { message: 'unreadable' })
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
