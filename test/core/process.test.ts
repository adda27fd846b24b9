import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exitWithParent, identify, isRunning, ownerText, RUN_VARIABLE } from '../../lib/core/process.ts'
import { temporaryFolder } from '../support/folder.ts'

const NO_PROC = identify(process.pid).start === undefined && 'no /proc here'
/** More than any process id. */
const DEAD = { pid: 1 << 30, start: '1' }
const RUN_ENDED = { message: 'the run has ended, so this stops: the next run resumes' }

test('recognises a running process', () => {
  assert.deepEqual([isRunning(identify(process.pid)), isRunning(identify(1)), isRunning(DEAD)], [true, true, false])
})

test('tells apart two processes with the same process id', { skip: NO_PROC }, () => {
  assert.equal(isRunning({ pid: process.pid, start: '1' }), false)
})

test('takes a zombie for dead', { skip: NO_PROC, timeout: 60_000 }, async t => {
  // The shell replaces itself by a program that does not reap the child.
  const script = 'console.log(process.argv[1]); setInterval(() => {}, 1e6)'
  const parent = spawn('bash', ['--norc', '-c', 'sleep 1000 & exec "$0" -e "$1" $!', process.execPath, script])
  t.after(() => parent.kill())
  const [line] = await once(parent.stdout, 'data')
  const child = identify(Number(line))
  assert.ok(isRunning(child))
  process.kill(child.pid, 'SIGKILL')
  while (isRunning(child)) await new Promise(setImmediate)
  assert.ok(process.kill(child.pid, 0), 'the zombie still accepts signals')
})

test('stops a process whose run has ended', async t => {
  const run = await temporaryFolder(t)
  setRun(t, run)
  assert.throws(exitWithParent, RUN_ENDED)
  await writeFile(join(run, 'owner'), JSON.stringify(DEAD))
  assert.throws(exitWithParent, RUN_ENDED)
})

test('lets a process work while its run goes on', async t => {
  const run = await temporaryFolder(t)
  setRun(t, run)
  await writeFile(join(run, 'owner'), ownerText())
  t.mock.timers.enable({ apis: ['setInterval'] })
  exitWithParent()
  t.mock.timers.tick(10_000)
})

function setRun(t: TestContext, run: string): void {
  process.env[RUN_VARIABLE] = run
  t.after(() => delete process.env[RUN_VARIABLE])
}
