import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { bash, clipboard, has, outsideMake, relay, run, runWithFileLimit } from '../../lib/core/shell.ts'
import { temporaryFolder } from '../support/folder.ts'

test('passes arguments to a program as they are', async () => {
  const text = '$(touch x); "quoted" \'too\' *'
  const { exitCode, stdout } = await run('printf', ['%s', text])
  assert.deepEqual([exitCode, stdout], [0, text])
})

test('returns the exit code of a program that fails', async () => {
  assert.equal((await run('sh', ['-c', 'exit 3'])).exitCode, 3)
})

test('ends a program that writes a larger file than allowed, after at most 512 more bytes', async t => {
  const path = join(await temporaryFolder(t), 'written')
  const write = (bytes: number) =>
    runWithFileLimit(2000, 'dd', ['if=/dev/zero', `of=${path}`, 'bs=1', `count=${bytes}`])
  assert.deepEqual([(await write(2000)).exitCode, (await stat(path)).size], [0, 2000])
  assert.deepEqual([(await write(5000)).signal, (await stat(path)).size], ['SIGXFSZ', 2048])
})

test('runs no file that BASH_ENV names', async t => {
  const path = join(await temporaryFolder(t), 'bash.env')
  await writeFile(path, 'echo hello\n')
  t.after(() => delete process.env.BASH_ENV)
  process.env.BASH_ENV = path
  assert.equal((await runWithFileLimit(2000, 'printf', ['x'])).stdout, 'x')
  assert.equal((await run('printf', ['x'])).stdout, 'x')
})

test('returns the standard error of a command line, and throws its last line if it fails', async () => {
  assert.equal(await bash('echo hello >&2'), 'hello\n')
  await assert.rejects(bash('echo first >&2; echo last >&2; exit 4'), {
    message: 'this failed (4): echo first >&2; echo last >&2; exit 4: last',
  })
  await assert.rejects(bash('false | cat'), { message: /^this failed \(1\): / })
})

test('relays the output of a program line by line', async () => {
  const lines: string[] = []
  const status = await relay('sh', ['-c', 'echo "$GREETING"; echo two; exit 5'], { GREETING: 'one' }, line =>
    lines.push(line),
  )
  assert.deepEqual([status, lines], [5, ['one', 'two']])
})

test('finds programs on the PATH', async () => {
  assert.deepEqual([await has('sh'), await has('no-such-program-here')], [true, false])
})

test('reads the clipboard with the first program that is installed', async t => {
  const { PATH } = process.env
  const folder = await temporaryFolder(t)
  t.after(() => Object.assign(process.env, { PATH }))
  process.env.PATH = folder
  await assert.rejects(clipboard(), { message: /\(tried pbpaste, wl-paste, xclip, xsel\)/ })
  await writeFile(join(folder, 'xclip'), '#!/bin/sh\necho "copied $1"\n', { mode: 0o755 })
  process.env.PATH = `${folder}:${PATH}`
  assert.equal(await clipboard(), 'copied -selection\n')
})

test('hides the variables of an enclosing make', t => {
  const { MAKEFLAGS = '' } = process.env
  t.after(() => (MAKEFLAGS ? Object.assign(process.env, { MAKEFLAGS }) : delete process.env.MAKEFLAGS))
  process.env.MAKEFLAGS = 'n'
  assert.equal('MAKEFLAGS' in outsideMake(), false)
})
