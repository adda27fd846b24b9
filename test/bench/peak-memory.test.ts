import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { PeakMemory, withPeakMemory } from '../../lib/bench/peak-memory.ts'

const MIB = 2 ** 20
const ALLOCATE = "Buffer.alloc(300 * 2 ** 20, 1); console.log('ready'); process.stdin.resume()"

test('measures processes that a child process starts, but none that ran before', async () => {
  const before = new PeakMemory()
  // The second command keeps bash from replacing itself by node.
  const child = spawn('bash', ['-c', `"$0" -e "$1"; true`, process.execPath, ALLOCATE], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  const after = new PeakMemory()
  before.poll()
  after.poll()
  child.stdin.end()
  await once(child, 'close')
  assert.ok(before.bytes > 300 * MIB && before.bytes < 450 * MIB, `${before.bytes} bytes`)
  assert.equal(after.bytes, 0)
})

test('returns the result of the work, and passes on its error', async () => {
  assert.equal((await withPeakMemory(async () => 'done')).result, 'done')
  await assert.rejects(
    withPeakMemory(async () => {
      throw new Error('failed')
    }),
    /^Error: failed$/,
  )
})
