import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { namesIn } from '../../lib/files.ts'
import { start } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'
import { synthetic } from '../torture/nights.ts'
import { tasksIn } from './machines.ts'
import { NO_SLURM, Slurm, SRUN } from './slurm.ts'

test('tasks of srun fetch what is listed, each file once', { skip: NO_SLURM }, async t => {
  const slurm = await Slurm.start(t)
  const served = [...(await synthetic(6))].map(([name, bytes]) => ({ name, bytes, alerts: [] }))
  const space = await Workspace.open(t, served)
  await space.make('uris')
  space.asked()
  const { status, out, err } = await start('make', ['download', '-j2', SRUN, ...space.settings], { env: slurm.env }).ran
  assert.equal(status, 0, out + err)
  assert.deepEqual(tasksIn(out), [1, 2, 3, 4])
  const names = served.filter(({ bytes }) => bytes.length > 100).map(({ name }) => name)
  assert.deepEqual(space.asked(), names.sort())
  for (const name of names) assert.ok(await space.tarball(name), name)
  assert.deepEqual(await namesIn(join(space.paths.data, 'lock')), [])
})
