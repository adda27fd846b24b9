import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopHeartbeat } from '../../lib/core/heartbeat.ts'
import { acquireLock, holdOn, releaseLock, removeStaleLock } from '../../lib/core/lock.ts'
import { identify, isRunning, type ProcessId } from '../../lib/core/process.ts'
import { temporaryFolder } from '../support/folder.ts'

const FOLDER = '/a folder'
/** What is there of a lock that is held. */
const HELD = ['lake', 'lake.beat']
/** No test waits as long. */
const FOREVER = 3_600_000
const CLAIM = { folder: FOLDER, what: 'make lake' }

test('who holds a lock is told to whoever comes next, and gone when it is released', async t => {
  const path = await lockIn(t)
  await acquireLock(path, CLAIM)
  const since = '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z'
  const told = `^make lake \\(process ${process.pid} on ${hostname()}, since ${since}\\) is at work on ${FOLDER}: wait `
  await assert.rejects(acquireLock(path, CLAIM), ({ message }: Error) => new RegExp(told).test(message))
  assert.deepEqual(await beside(path), HELD)
  releaseLock(path)
  assert.deepEqual(await beside(path), [])
  await acquireLock(path, CLAIM)
})

test('a lock is held for another process, and goes with that one only', async t => {
  const path = await lockIn(t)
  const other = await sleeper(t)
  await acquireLock(path, { ...CLAIM, pid: other.pid as number })
  releaseLock(path)
  await assert.rejects(acquireLock(path, CLAIM), ({ message }: Error) => message.includes(`(process ${other.pid} on `))
  releaseLock(path, other.pid)
  assert.deepEqual(await beside(path), [])
})

test('the lock of a process that is dead is taken over, once its children have had time to end', async t => {
  const path = await lockIn(t)
  const other = await sleeper(t)
  await acquireLock(path, { ...CLAIM, pid: other.pid as number })
  await kill(other)
  const began = performance.now()
  await acquireLock(path, CLAIM)
  assert.ok(performance.now() - began > 2900)
  assert.equal(await holderOf(path), process.pid)
  assert.deepEqual(await beside(path), HELD)
})

test('the lock of a process that is about to end is dropped too, and the lock of one that goes on is not', async t => {
  const path = await lockIn(t)
  const other = await sleeper(t)
  await acquireLock(path, { ...CLAIM, pid: other.pid as number })
  stopHeartbeat(path)
  await removeStaleLock(path, CLAIM)
  assert.equal(await holderOf(path), other.pid)
  const dropped = removeStaleLock(path, CLAIM)
  await sleep(100)
  await kill(other)
  await dropped
  assert.deepEqual(await beside(path), [])
})

test('who waits to drop a lock, and ends before, leaves none', async t => {
  const path = await lockIn(t)
  await leave(path, dead)
  const script = `
    import { dropDead } from '${join(import.meta.dirname, '../lib/lock.ts')}'
    process.on('SIGTERM', () => process.exit())
    await dropDead('${path}', { folder: '', what: '' })`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  t.after(() => child.kill('SIGKILL'))
  while ((await holderOf(path)) !== child.pid || String(await beside(path)) !== String(HELD)) await sleep(20)
  child.kill()
  await once(child, 'exit')
  assert.deepEqual(await beside(path), [])
})

test('a process that has the number of a dead holder is not taken for it', async t => {
  const { start, ...rest } = identify(process.pid)
  if (start === undefined) return t.skip('no /proc here')
  assert.deepEqual([isRunning({ start, ...rest }), isRunning({ start: '1', ...rest })], [true, false])
  const path = await lockIn(t)
  await leave(path, { pid: process.pid, start: '1' })
  await acquireLock(path, CLAIM)
  assert.notEqual(JSON.parse(await readFile(path, 'utf8')).start, '1')
})

test('a process that was killed is dead, though nobody has asked for its end', async t => {
  if (identify(process.pid).start === undefined) return t.skip('no /proc here')
  // The shell becomes another program, which does not know that it has a child, and only then tells its number.
  const tell = 'console.log(process.argv[1]); setInterval(() => {}, 1e6)'
  const parent = spawn('bash', ['--norc', '-c', 'sleep 1000 & exec "$0" -e "$1" $!', process.execPath, tell])
  t.after(() => parent.kill())
  const [line] = await once(parent.stdout, 'data')
  const child = identify(Number(line))
  assert.ok(isRunning(child))
  process.kill(child.pid, 'SIGKILL')
  while (isRunning(child)) await sleep(5)
  assert.ok(process.kill(child.pid, 0))
})

test('a lock of another host that shows life is left alone', async t => {
  const path = await lockIn(t)
  await acquireLock(path, CLAIM, { host: 'elsewhere', intervalMs: 10, timeoutMs: FOREVER })
  const said = t.mock.method(console, 'log', () => {})
  await assert.rejects(
    acquireLock(path, CLAIM, { host: 'here', intervalMs: 10, timeoutMs: FOREVER }),
    /^Error: make lake \(process \d+ on elsewhere, since .*\) is at work on \/a folder: wait for its end, or end it there/,
  )
  const lines = said.mock.calls.map(({ arguments: [line] }) => line).join()
  assert.match(
    lines,
    /^waiting {3}make lake \(.*: taking over if it shows no life in \d+ s; or .*, delete \/\S+\/lake$/,
  )
  releaseLock(path, process.pid, { host: 'here' })
  assert.deepEqual(await beside(path), HELD)
  releaseLock(path, process.pid, { host: 'elsewhere' })
  assert.deepEqual(await beside(path), [])
})

test('a lock of another host that shows no life is taken over', async t => {
  const path = await lockIn(t)
  await leave(path, { pid: process.pid, start: identify(process.pid).start }, 'elsewhere')
  await writeFile(`${path}.beat`, '1 1')
  t.mock.method(console, 'log', () => {})
  await acquireLock(path, CLAIM, { host: 'here', intervalMs: 10, timeoutMs: 200 })
  assert.equal(JSON.parse(await readFile(path, 'utf8')).host, 'here')
  releaseLock(path, process.pid, { host: 'here' })
})

test('of many hosts that find a lock without life exactly one gets it', async t => {
  const path = await lockIn(t)
  await leave(path, { pid: 1, start: '1' }, 'elsewhere')
  t.mock.method(console, 'log', () => {})
  const hosts = Array.from({ length: 8 }, (_, i) => `host-${i}`)
  const ends = await Promise.allSettled(
    hosts.map(host => acquireLock(path, CLAIM, { host, intervalMs: 10, timeoutMs: 1500 })),
  )
  const winners = hosts.filter((_, i) => ends[i]?.status === 'fulfilled')
  const { host } = JSON.parse(await readFile(path, 'utf8'))
  assert.deepEqual([winners, await beside(path)], [[host], HELD])
  releaseLock(path, process.pid, { host })
})

test('a holder that was stopped for too long, and whose lock is another’s now, ends when it goes on', async t => {
  const path = await lockIn(t)
  const go = join(dirname(dirname(path)), 'go')
  await writeFile(go, '')
  const { child, end, error } = contender(path, go, { host: 'elsewhere', beat: 10, patience: FOREVER })
  t.after(() => child.kill())
  assert.equal(await end, 'held')
  child.kill('SIGSTOP')
  t.mock.method(console, 'log', () => {})
  await acquireLock(path, CLAIM, { host: 'here', intervalMs: 10, timeoutMs: 500 })
  child.kill('SIGCONT')
  assert.match(await error, /^error: \S+\/lake is another run's now, or nobody's, and so this one ends: run it again$/m)
  releaseLock(path, process.pid, { host: 'here' })
})

test('what works for a make that has lost its lock does not hold on to another’s', async t => {
  const path = await lockIn(t)
  const other = await sleeper(t)
  const id = await acquireLock(path, { ...CLAIM, pid: other.pid as number })
  assert.equal(await holdOn(path, other.pid as number), id)
  stopHeartbeat(path)
  for (const lock of [path, `${path}2`])
    await assert.rejects(holdOn(lock, process.pid), ({ message }: Error) =>
      message.includes("is another run's now, or nobody's"),
    )
  await assert.rejects(holdOn(path, other.pid as number, { host: 'elsewhere', intervalMs: 10, timeoutMs: FOREVER }))
  releaseLock(path, other.pid)
})

test('a lock that cannot be read is left alone, and the user told which file to delete', async t => {
  const path = await lockIn(t)
  await mkdir(dirname(path))
  await writeFile(path, '')
  await assert.rejects(acquireLock(path, CLAIM), ({ message }: Error) =>
    message.startsWith(`${path} is no lock that can be`),
  )
  releaseLock(path)
  assert.deepEqual(await beside(path), ['lake'])
})

for (const [what, prepare] of [
  ['free', async () => {}],
  ['held by a dead process', (path: string) => leave(path, dead)],
  [
    'about to be taken over by a process that died of it',
    async (path: string) => {
      await leave(path, dead)
      await leave(`${path}.${dead.pid}`, { ...dead, pid: dead.pid + 1 })
    },
  ],
] as const)
  test(`of many that want a lock at once exactly one gets it: one that is ${what}`, async t => {
    const path = await lockIn(t)
    await prepare(path)
    const go = join(dirname(dirname(path)), 'go')
    const children = Array.from({ length: 12 }, () => contender(path, go))
    t.after(() => children.forEach(({ child }) => void child.kill()))
    await Promise.all(children.map(({ ready }) => ready))
    await writeFile(go, '')
    const ends = await Promise.all(children.map(({ end }) => end))
    const winners = ends.flatMap((end, i) => (end === 'held' ? [children[i]?.child.pid] : []))
    assert.equal(winners.length, 1, ends.join('\n'))
    assert.equal(await holderOf(path), winners[0])
    const losers = ends.filter(end => end !== 'held')
    assert.ok(
      losers.every(end => /^error: a test \(process \d+ on .*\) is at work on /.test(end)),
      ends.join('\n'),
    )
    assert.deepEqual(await beside(path), HELD)
  })

/** More than any process id. */
const dead = { pid: 1 << 30, start: '1' }

async function lockIn(t: TestContext): Promise<string> {
  const path = join(await temporaryFolder(t), 'lock/lake')
  t.after(() => stopHeartbeat(path))
  return path
}

/** Leaves a lock as a process would; its id is the process's number. */
async function leave(path: string, process: ProcessId, host = hostname()): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const since = new Date().toISOString()
  await writeFile(path, JSON.stringify({ what: 'make lake', ...process, host, since, id: String(process.pid) }))
}

function beside(path: string): Promise<string[]> {
  return readdir(dirname(path))
}

async function holderOf(path: string): Promise<number> {
  return JSON.parse(await readFile(path, 'utf8')).pid
}

async function sleeper(t: TestContext): Promise<ChildProcess> {
  const child = spawn('sleep', ['1000'])
  t.after(() => child.kill())
  await once(child, 'spawn')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** A process that wants the lock: when it is ready to, and whether it then held it, or else what it said. */
function contender(path: string, go: string, here?: object) {
  const script = join(import.meta.dirname, 'support/hold-child.ts')
  const args = [path, FOLDER, go, ...(here ? [JSON.stringify(here)] : [])]
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args])
  const error = text(child.stderr)
  const ready = once(child.stdout, 'data')
  const held = ready.then(() => once(child.stdout, 'data')).then(() => 'held')
  const failed = once(child, 'close').then(() => error)
  return { child, ready, error, end: Promise.race([held, failed]) }
}
