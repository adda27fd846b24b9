import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Throttle, waitForTurn } from '../../lib/archive/throttle.ts'
import { temporaryFolder } from '../support/folder.ts'

const NIGHTS = [
  { name: 'a', bytes: 30 },
  { name: 'b', bytes: 50 },
  { name: 'c', bytes: 20 },
  { name: 'd', bytes: 40 },
]

for (const [ahead, removed, last] of [
  [100, [], 'c'],
  [99, [], 'b'],
  [0, [], 'a'],
  [1000, [], 'd'],
  [99, ['a'], 'c'],
  [99, ['c'], 'b'],
  [10, ['a'], 'b'],
  [99, ['a', 'b', 'c', 'd'], undefined],
] as const)
  test(`with AHEAD ${ahead} lets nights up to ${last} start once ${removed.join(', ') || 'none'} are done`, () => {
    const throttle = new Throttle('unused', NIGHTS, ahead)
    for (const name of removed) void throttle.remove(name)
    assert.equal(throttle.last, last)
  })

test('writes the last night that may start while it is open, and nothing once none is queued', async t => {
  const limit = await limitFile(t)
  const throttle = new Throttle(limit, NIGHTS, 99)
  await throttle.remove('d')
  assert.equal(existsSync(limit), false)
  await throttle.open()
  assert.equal(await readFile(limit, 'utf8'), 'b')
  for (const { name } of NIGHTS) await throttle.remove(name)
  assert.equal(await readFile(limit, 'utf8'), 'c')
})

test('ends with the newest limit if nights are done while it is written', async t => {
  const limit = await limitFile(t)
  const throttle = new Throttle(limit, NIGHTS, 50)
  await Promise.all([throttle.open(), ...['a', 'b', 'c'].map(name => throttle.remove(name))])
  assert.equal(await readFile(limit, 'utf8'), 'd')
})

test('writes nothing after it is closed, so that its folder can be removed', async t => {
  const limit = await limitFile(t)
  const throttle = new Throttle(limit, NIGHTS, 50)
  await throttle.open()
  const removed = throttle.remove('a')
  await throttle.close()
  await rm(limit, { force: true })
  await Promise.all([removed, throttle.remove('b')])
  assert.equal(existsSync(limit), false)
})

test('lifts the limit if it cannot be written', async t => {
  const limit = await limitFile(t)
  const throttle = new Throttle(limit, NIGHTS, 50)
  await throttle.open()
  // Its temporary file cannot be created.
  await mkdir(`${limit}.part`)
  await throttle.remove('a')
  assert.equal(existsSync(limit), false)
})

test('waits for nothing if there is no limit, or it is not reached', async t => {
  const limit = await limitFile(t)
  await turnOf('b', limit)
  await writeFile(limit, 'b')
  await turnOf('a', limit)
  await turnOf('b', limit)
})

for (const [what, lift] of [
  ['the limit has moved', (limit: string) => writeFile(limit, 'c')],
  ['the limit is lifted', (limit: string) => rm(limit)],
] as const)
  test(`waits until ${what}, and looks once per pause`, async t => {
    const limit = await limitFile(t)
    await writeFile(limit, 'a')
    const part = join(limit, '../b.part')
    const events: string[] = []
    const pause = async () => {
      events.push('pause')
      assert.equal((await stat(part)).size, 0)
      if (events.length === 4) await lift(limit)
    }
    await waitForTurn(limit, 'b', part, () => events.push('wait'), pause)
    assert.deepEqual(events, ['wait', 'pause', 'pause', 'pause'])
  })

test('keeps the partial file of a download that waits', async t => {
  const limit = await limitFile(t)
  const part = join(limit, '../b.part')
  await writeFile(limit, 'a')
  await writeFile(part, 'some bytes')
  await waitForTurn(
    limit,
    'b',
    part,
    () => {},
    () => writeFile(limit, 'b'),
  )
  assert.equal(await readFile(part, 'utf8'), 'some bytes')
})

async function limitFile(t: TestContext): Promise<string> {
  return join(await temporaryFolder(t), 'limit')
}

async function turnOf(name: string, limit: string): Promise<void> {
  const fail = () => assert.fail('it waits')
  await waitForTurn(limit, name, 'unused', fail, fail)
}
