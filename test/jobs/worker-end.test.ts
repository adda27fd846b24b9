import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'

const CHILD = join(import.meta.dirname, '../support/query-child.ts')

for (const worker of ['convert-worker.ts', 'check-worker.ts', 'candidates-worker.ts'])
  test(`ends a process of ${worker} with its parent, also in the middle of a query`, async t => {
    const child = fork(CHILD, [worker], { execArgv: ['--import', 'tsx'] })
    t.after(() => child.kill('SIGKILL'))
    await once(child, 'message')
    child.disconnect()
    const [, signal] = await once(child, 'exit')
    assert.equal(signal, 'SIGKILL')
  })
