import assert from 'node:assert/strict'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  heartbeatPath,
  startHeartbeat,
  stopHeartbeat,
  waitForHeartbeat,
  watchHeartbeat,
} from '../../lib/core/heartbeat.ts'
import { temporaryFolder } from '../support/folder.ts'

const INTERVAL_MS = 5000
const yes = async () => true

test('writes a heartbeat of constant length at once, and replaces a previous one', async t => {
  const lock = await lockIn(t)
  await writeFile(heartbeatPath(lock), 'x'.repeat(40))
  await startHeartbeat(lock, yes, INTERVAL_MS)
  assert.equal(await readFile(heartbeatPath(lock), 'utf8'), `${process.pid} 0`.padEnd(40))
  assert.equal((await stat(heartbeatPath(lock))).size, 40)
})

test('sends heartbeats until it is stopped', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const lock = await lockIn(t)
  const held: (() => void)[] = []
  await startHeartbeat(lock, () => new Promise(resolve => held.push(() => resolve(true))), INTERVAL_MS)
  t.mock.timers.tick(INTERVAL_MS - 1)
  assert.equal(held.length, 0)
  t.mock.timers.tick(1)
  assert.equal(held.length, 1)
  stopHeartbeat(lock)
  await rm(heartbeatPath(lock))
  held[0]?.()
  t.mock.timers.tick(10 * INTERVAL_MS)
  assert.equal(held.length, 1)
  await assert.rejects(stat(heartbeatPath(lock)))
})

test('takes a holder for dead once its heartbeat has not changed for the timeout', async t => {
  const lock = await lockIn(t)
  let time = 0
  const isAlive = watchHeartbeat(lock, { now: () => time, sleep: async () => {} })
  const aliveAt = (now: number) => {
    time = now
    return isAlive()
  }
  assert.deepEqual([await aliveAt(0), await aliveAt(89_999), await aliveAt(90_000)], [true, true, false])
  await writeFile(heartbeatPath(lock), '1')
  assert.deepEqual([await aliveAt(95_000), await aliveAt(184_999), await aliveAt(185_000)], [true, true, false])
})

test('waits for the next heartbeat, for the timeout, or until the holder changes', async t => {
  const lock = await lockIn(t)
  await writeFile(heartbeatPath(lock), '0')
  let time = 0
  const wait = async (isHeld: () => Promise<boolean>, onSleep = async () => {}) => {
    time = 0
    const sleep = async (ms: number) => {
      time += ms
      await onSleep()
    }
    return [await waitForHeartbeat(lock, isHeld, { now: () => time, sleep }), time]
  }
  assert.deepEqual(await wait(yes), [false, 90_000])
  assert.deepEqual(await wait(yes, () => (time < 6000 ? Promise.resolve() : writeFile(heartbeatPath(lock), '1'))), [
    true,
    6000,
  ])
  assert.deepEqual(await wait(async () => time < 3000), [false, 3000])
})

async function lockIn(t: TestContext): Promise<string> {
  const lock = join(await temporaryFolder(t), 'lock')
  t.after(() => stopHeartbeat(lock))
  return lock
}
