import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/folder.ts'
import { run } from '../support/run.ts'

test('advice repeats the folders of the command line', async t => {
  const data = join(await temporaryFolder(t), 'the data')
  const { status, err } = await run('make', ['check', `DATA=${data}`])
  assert.equal(status, 2)
  assert.match(err, new RegExp(`^error: ${data}/lake does not exist: run make lake DATA='${data}' first, or `))
})

test('make report creates no data folder, whose name may be misspelt', async t => {
  const data = join(await temporaryFolder(t), 'typo')
  const { status, err } = await run('make', ['report', `DATA=${data}`, `URIS=${data}`])
  assert.equal(status, 2)
  assert.match(err, /^error: DATA is \S+\/typo, which does not exist: run make download /)
  assert.equal(existsSync(data), false)
})

for (const command of ['look OBJECT=ZTF18aaxcyzb', 'report'])
  test(`make ${command} refuses OUT=, which it would not use`, async t => {
    const data = await temporaryFolder(t)
    const { status, err } = await run('make', [...command.split(' '), `DATA=${data}`, 'OUT=page.html'])
    assert.equal(status, 2)
    assert.match(err, /^error: OUT is 'page\.html', but make (look|report) writes \S.*: leave OUT out\n/)
  })

test('an empty OUT=, as in make demo, is not refused', async t => {
  const data = await temporaryFolder(t)
  const { status, err } = await run('make', ['report', `DATA=${data}`, `URIS=${data}`, 'OUT='])
  assert.deepEqual([status, err], [0, ''])
})
