import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { heartbeatPath, stopHeartbeat } from '../../lib/core/heartbeat.ts'
import { acquireLock, GRACE_MS, isHeldBy, type LockOptions, lockHolder, releaseLock } from '../../lib/core/lock.ts'
import { identify, type ProcessId } from '../../lib/core/process.ts'
import { temporaryFolder } from '../support/folder.ts'

const REQUEST = { folder: '/a folder', what: 'make lake', onWait: () => {} }
/** Files of a lock that is held. */
const HELD = ['lake', 'lake.beat']
const HOUR = 3_600_000
/** More than any process id. */
const DEAD = { pid: 1 << 30, start: '1' }

test('refuses a lock that is held, and names its holder', async t => {
  const path = await lockIn(t)
  await acquireLock(path, REQUEST)
  const since = '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z'
  const held = `^make lake \\(process ${process.pid} on ${hostname()}, since ${since}\\) is using ${REQUEST.folder}: wait `
  await assert.rejects(acquireLock(path, REQUEST), ({ message }: Error) => new RegExp(held).test(message))
  assert.deepEqual(await files(path), HELD)
})

test('removes all files of a lock that is released', async t => {
  const path = await lockIn(t)
  const id = await acquireLock(path, REQUEST)
  assert.deepEqual([await isHeldBy(path, id), (await lockHolder(path))?.pid], [true, process.pid])
  releaseLock(path)
  assert.deepEqual(await files(path), [])
  assert.deepEqual([await isHeldBy(path, id), await lockHolder(path)], [false, undefined])
  assert.notEqual(await acquireLock(path, REQUEST), id)
})

test('takes over the lock of a dead process after the grace period', async t => {
  const path = await lockIn(t)
  await leave(path, DEAD)
  assert.equal(await lockHolder(path), undefined)
  const clock = fakeClock()
  await acquireLock(path, REQUEST, { clock })
  assert.deepEqual([clock.now(), (await holderOf(path)).pid], [GRACE_MS, process.pid])
  assert.deepEqual(await files(path), HELD)
})

test('waits for nothing if the lock is free', async t => {
  const clock = fakeClock()
  await acquireLock(await lockIn(t), REQUEST, { clock })
  assert.equal(clock.now(), 0)
})

test('takes over the lock of a dead process whose process id is in use again', async t => {
  if (identify(process.pid).start === undefined) return t.skip('no /proc here')
  const path = await lockIn(t)
  await leave(path, { pid: process.pid, start: '1' })
  await acquireLock(path, REQUEST, { clock: fakeClock() })
  assert.notEqual((await holderOf(path)).start, '1')
})

test('refuses the lock of another host that sends heartbeats', async t => {
  const path = await lockIn(t)
  await acquireLock(path, REQUEST, { host: 'elsewhere', intervalMs: HOUR })
  const lines: string[] = []
  const clock = fakeClock(() => writeFile(heartbeatPath(path), String(clock.now())))
  await assert.rejects(
    acquireLock(path, { ...REQUEST, onWait: line => lines.push(line) }, { host: 'here', clock }),
    /^Error: make lake \(process \d+ on elsewhere, since .*\) is using \/a folder: wait for it to end, or stop it there/,
  )
  const line = /^waiting {3}make lake \(.*: taking over if there is no heartbeat for 90 s; if .*, delete \/\S+\/lake$/
  assert.match(lines.join(), line)
  releaseLock(path, 'here')
  assert.deepEqual(await files(path), HELD)
  releaseLock(path, 'elsewhere')
  assert.deepEqual(await files(path), [])
})

test('takes over the lock of another host that sends no heartbeat', async t => {
  const path = await lockIn(t)
  await leave(path, identify(process.pid), 'elsewhere')
  await writeFile(heartbeatPath(path), '1 1')
  const clock = fakeClock()
  await acquireLock(path, REQUEST, { host: 'here', clock })
  assert.ok(clock.now() >= 90_000 + GRACE_MS, String(clock.now()))
  assert.equal((await holderOf(path)).host, 'here')
  releaseLock(path, 'here')
})

for (const [what, holders] of [
  ['a free lock', []],
  ['the lock of a dead process', [DEAD.pid]],
  ['a lock whose takeover was interrupted', [DEAD.pid, DEAD.pid + 1]],
] as const)
  test(`gives ${what} to exactly one of many hosts`, async t => {
    const path = await lockIn(t)
    if (holders[0]) await leave(path, { ...DEAD, pid: holders[0] }, 'dead')
    if (holders[1]) await leave(`${path}.${holders[0]}`, { ...DEAD, pid: holders[1] }, 'dead')
    const hosts = Array.from({ length: 8 }, (_, i) => `host-${i}`)
    const results = await Promise.allSettled(hosts.map(host => acquireLock(path, REQUEST, contender(path, host))))
    const winners = hosts.filter((_, i) => results[i]?.status === 'fulfilled')
    const { host } = await holderOf(path)
    assert.deepEqual([winners, await files(path)], [[host], HELD])
    releaseLock(path, host)
  })

test('leaves an unreadable lock file alone, and says which file to delete', async t => {
  const path = await lockIn(t)
  await mkdir(dirname(path))
  const holder = { what: 'make lake', pid: 1, host: 'here', since: '2020-01-01T00:00:00.000Z', id: 'an-id' }
  const wrong = [
    { ...holder, pid: -1 },
    { ...holder, id: '../../an-id' },
    { ...holder, host: 7 },
  ]
  for (const text of ['', '123', 'null', '{}', ...wrong.map(value => JSON.stringify(value))]) {
    await writeFile(path, text)
    await assert.rejects(acquireLock(path, REQUEST), ({ message }: Error) =>
      message.startsWith(`${path} is not a readable lock file: if nothing else is using /a folder, delete it`),
    )
    assert.equal(await lockHolder(path), undefined)
  }
  releaseLock(path)
  assert.deepEqual(await files(path), ['lake'])
})

/** A clock that does not wait: `sleep` only moves it forward. */
function fakeClock(onSleep: () => Promise<unknown> = async () => {}) {
  let time = 0
  const sleep = async (ms: number) => {
    time += ms
    await onSleep()
  }
  return { now: () => time, sleep }
}

/** A host whose clock stands still while a live host replaces a lock, and sees heartbeats once one holds the lock. */
function contender(path: string, host: string): Partial<LockOptions> {
  let time = 0
  const sleep = async (ms: number) => {
    const locks = (await files(path)).filter(name => !/\.(beat|part)$/.test(name))
    const hosts = await Promise.all(locks.map(name => hostOf(join(dirname(path), name))))
    if (hosts[locks.indexOf('lake')]?.startsWith('host-')) await writeFile(heartbeatPath(path), `${host} ${time}`)
    if (!hosts.some(name => name.startsWith('host-'))) time += ms
  }
  return { host, clock: { now: () => time, sleep }, intervalMs: HOUR }
}

async function hostOf(lock: string): Promise<string> {
  const text = await readFile(lock, 'utf8').catch(() => '{}')
  return JSON.parse(text || '{}').host ?? ''
}

async function lockIn(t: TestContext): Promise<string> {
  const path = join(await temporaryFolder(t), 'lock/lake')
  t.after(() => stopHeartbeat(path))
  return path
}

/** Leaves a lock as a process would; its id is the process id. */
async function leave(path: string, { pid, start }: ProcessId, host = hostname()): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const holder = { what: 'make lake', pid, start, host, since: new Date().toISOString(), id: String(pid) }
  await writeFile(path, JSON.stringify(holder))
}

function files(path: string): Promise<string[]> {
  return readdir(dirname(path))
}

async function holderOf(path: string) {
  return JSON.parse(await readFile(path, 'utf8'))
}
