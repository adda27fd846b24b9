import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { acquireLock, type LockOptions, releaseLock } from '../../lib/core/lock.ts'
import { temporaryFolder } from '../support/folder.ts'

const FOLDER = '/a folder'
const HOUR = 3_600_000
/** More than any process id. */
const DEAD = 1 << 30

for (const [what, holders] of [
  ['a free lock', []],
  ['the lock of a dead process', [DEAD]],
  ['a lock whose takeover was interrupted', [DEAD, DEAD + 1]],
] as const)
  test(`gives ${what} to exactly one of many processes`, async t => {
    const { path, go } = await folderOf(t)
    if (holders[0]) await leave(path, holders[0])
    if (holders[1]) await leave(`${path}.${holders[0]}`, holders[1])
    const contenders = Array.from({ length: 12 }, () => contend(t, path, go))
    await Promise.all(contenders.map(({ ready }) => ready))
    await writeFile(go, '')
    const results = await Promise.all(contenders.map(({ result }) => result))
    const winners = contenders.filter((_, i) => results[i] === 'held')
    assert.equal(winners.length, 1, results.join('\n'))
    assert.equal(JSON.parse(await readFile(path, 'utf8')).pid, winners[0]?.child.pid)
    const refused = results.filter(result => /^error: a test \(process \d+ on .*\) is using /.test(result))
    assert.equal(refused.length, 11, results.join('\n'))
    assert.deepEqual(await readdir(dirname(path)), ['lake', 'lake.beat'])
  })

test('ends a process whose lock was taken over while it was suspended', async t => {
  const { path, go } = await folderOf(t)
  await writeFile(go, '')
  const { child, result, error } = contend(t, path, go, { host: 'elsewhere', intervalMs: 10 })
  assert.equal(await result, 'held')
  child.kill('SIGSTOP')
  let time = 0
  const sleep = async (ms: number) => {
    time += ms
  }
  const request = { folder: FOLDER, what: 'make lake', onWait: () => {} }
  await acquireLock(path, request, { host: 'here', intervalMs: HOUR, clock: { now: () => time, sleep } })
  child.kill('SIGCONT')
  assert.match(
    await error,
    /^error: \S+\/lake was deleted or taken over by another run, so this one ends: run it again$/m,
  )
  releaseLock(path, 'here')
})

async function folderOf(t: TestContext): Promise<{ path: string; go: string }> {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'lock'))
  return { path: join(folder, 'lock/lake'), go: join(folder, 'go') }
}

/** Leaves a lock as a process would; its id is the process id. */
async function leave(path: string, pid: number): Promise<void> {
  const holder = { what: 'make lake', pid, start: '1', host: hostname(), since: '', id: String(pid) }
  await writeFile(path, JSON.stringify(holder))
}

/** Starts a process that acquires the lock once the file `go` exists. `result` is `held`, or its standard error. */
function contend(t: TestContext, path: string, go: string, options: Partial<LockOptions> = {}) {
  const script = join(import.meta.dirname, '../support/hold-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, FOLDER, go, JSON.stringify(options)])
  t.after(() => child.kill('SIGKILL'))
  const error = text(child.stderr)
  const ready = once(child.stdout, 'data')
  const held = ready.then(() => once(child.stdout, 'data')).then(() => 'held')
  const failed = once(child, 'close').then(() => error)
  return { child, ready, error, result: Promise.race([held, failed]) }
}
