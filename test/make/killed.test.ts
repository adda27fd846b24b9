import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertLakeOfOneRun, holdRuns, lockHolder, prepare, untilHeld } from '../support/held-runs.ts'
import { descendants } from '../support/processes.ts'

for (const target of ['lake', 'all -j2', 'download -j2', 'download lake'])
  for (const [what, kill] of [
    ['the process group', (pid: number) => process.kill(-pid, 'SIGKILL')],
    ['make alone', (pid: number) => process.kill(pid, 'SIGKILL')],
  ] as const)
    test(`ends every process of make ${target} when ${what} is killed, and the next run takes over`, async t => {
      const { space, options, release } = await holdRuns(t)
      await prepare(space, target)
      const { child, ran } = space.start(target, { ...options, detached: true })
      const pid = child.pid as number
      await untilHeld(space, target)
      const started = descendants(pid).map(process => process.pid)
      kill(pid)
      // Standard output ends with the last process that writes to it.
      assert.equal((await ran).status, null)
      await release()
      const { status, err } = await space.make(target)
      assert.deepEqual([status, err], [0, ''])
      for (const process of started) assert.equal(existsSync(`/proc/${process}`), false)
      await space.make('lake')
      await assertLakeOfOneRun(t, space)
      assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
    })

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`ends make download with all its processes on ${signal}`, async t => {
    const { space, release } = await holdRuns(t)
    await prepare(space, 'download')
    const { child, ran } = space.start('download -j2', { detached: true })
    await untilHeld(space, 'download')
    // Control-C reaches every process of the terminal's group.
    process.kill(signal === 'SIGINT' ? -(child.pid as number) : (child.pid as number), signal)
    assert.notEqual((await ran).status, 0)
    await release()
    const { status, err } = await space.make('download')
    assert.deepEqual([status, err], [0, ''])
    assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
  })

test('make download holds its lock in its own process, and releases it at the end', async t => {
  const { space, release } = await holdRuns(t)
  await prepare(space, 'download')
  const { child, ran } = space.start('download')
  await untilHeld(space, 'download')
  const holder = descendants(child.pid as number).find(({ command }) => command.startsWith('node .build/download.js'))
  assert.equal(await lockHolder(space, 'download'), holder?.pid)
  await release()
  assert.equal((await ran).status, 0)
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})

test('removes what a killed run left in staging, also if the tarball of that night is gone', async t => {
  const { space, release } = await holdRuns(t)
  await release()
  await prepare(space, 'lake')
  const left = join(space.paths.staging, 'ztf_public_20220101.abcdef')
  await mkdir(left, { recursive: true })
  await writeFile(join(left, 'ztf_public_20220101-0000.parquet'), 'half')
  assert.equal((await space.make('lake')).status, 0)
  assert.deepEqual(existsSync(space.paths.staging) ? await readdir(space.paths.staging) : [], [])
  await assertLakeOfOneRun(t, space)
})
