import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { listNames, remove } from '../../lib/core/files.ts'
import { LARGE_STEMS, prepare } from '../support/cluster-nights.ts'
import { Machines, nightsIn, tasksIn } from '../support/machines.ts'
import { descendants } from '../support/processes.ts'
import { NO_MPI, NO_SLURM, Slurm, SRUN } from '../support/slurm.ts'

const MPIRUN = `LAUNCHER=mpirun ${process.getuid?.() === 0 ? '--allow-run-as-root' : ''} --oversubscribe -n 4`
const ARRAY = ['lake-array', 'ELEMENTS=8']
const [FIRST, SECOND, , FOURTH] = LARGE_STEMS as [string, string, string, string]

let folder: string | undefined
let tarballs: string
let expected: Map<string, string>
let nights: number // on disk

before(async () => {
  if (NO_MPI && NO_SLURM) return
  folder = await mkdtemp(join(tmpdir(), 'ztf-lake-'))
  const single = new Machines(folder)
  await prepare(single.paths)
  await single.succeed('lake')
  tarballs = single.paths.tarballs
  expected = await single.lake()
  nights = (await listNames(tarballs)).filter(name => name.endsWith('.tar.gz')).length
})
after(() => folder && remove(folder))

test('four ranks of mpirun make the same lake as a single machine', { skip: NO_MPI }, async t => {
  const machines = await Machines.with(t, tarballs)
  const out = await machines.succeed('lake', MPIRUN)
  assert.deepEqual([tasksIn(out), nightsIn(out)], [[1, 2, 3, 4], nights])
  await machines.hasLake(expected)
})

test('a run fails if a rank of mpirun is killed, and a rerun converts the missing nights', {
  skip: NO_MPI,
}, async t => {
  const machines = await Machines.with(t, tarballs)
  const running = machines.start('lake', MPIRUN)
  await machines.waitUntilHalfDone(running, FIRST)
  const tasks = descendants(running.child.pid as number).filter(({ command }) => /^\S*node \S+task\.js /.test(command))
  process.kill(tasks[0]?.pid ?? assert.fail('no task is running'), 'SIGKILL')
  const { status, out, err } = await running.ran
  assert.equal(status, 2, out + err)
  assert.match(out, /^FAILED {4}\S+ {2}task \d of 4 ended/m)
  await machines.succeed('lake', MPIRUN)
  await machines.hasLake(expected)
})

test('four tasks of srun make the same lake as a single machine', { skip: NO_SLURM }, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const out = await machines.succeed('lake', SRUN)
  assert.deepEqual([tasksIn(out), nightsIn(out)], [[1, 2, 3, 4], nights])
  await machines.hasLake(expected)
})

test('only the nights of a node that goes down fail, and a rerun converts them', {
  skip: NO_SLURM,
}, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const running = machines.start('lake', SRUN)
  // The second largest night is the first one of the second task, which runs on the second node.
  await machines.waitUntilHalfDone(running, SECOND)
  await slurm.output('scontrol', 'update', 'nodename=n2', 'state=down', 'reason=test')
  const { status, out, err } = await running.ran
  assert.equal(status, 2, out + err)
  const failed = [...out.matchAll(/^FAILED {4}(\S+) {2}task (\d) of 4 ended/gm)]
  assert.deepEqual([...new Set(failed.map(([, , task]) => task))], ['2'], out + err)
  assert.ok(failed.some(([, stem]) => stem === SECOND))
  assert.equal(nightsIn(out), nights - failed.length)
  await slurm.resume()
  await machines.succeed('lake', SRUN)
  await machines.hasLake(expected)
})

test('a run fails if scancel ends its job, and a rerun converts the missing nights', { skip: NO_SLURM }, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const running = machines.start('lake', SRUN)
  await machines.waitUntilHalfDone(running, FIRST)
  await slurm.output('scancel', (await slurm.jobs()).map(({ id }) => id).join(' '))
  const { status, out, err } = await running.ran
  assert.equal(status, 2, out + err)
  assert.match(out, new RegExp(`^FAILED {4}${FIRST} {2}task 1 of 4 ended`, 'm'))
  await machines.succeed('lake', SRUN)
  await machines.hasLake(expected)
})

test('after an array with a cancelled element and a node that goes down, a rerun makes the same lake', {
  skip: NO_SLURM,
}, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const running = machines.start(...ARRAY)
  await machines.waitUntilHalfDone(running, FIRST)
  await slurm.output('scancel', (await slurm.element(1)).id)
  await machines.waitUntilHalfDone(running, FOURTH)
  await slurm.output('scontrol', 'update', `nodename=${(await slurm.element(4)).node}`, 'state=down', 'reason=test')
  const { status, out, err } = await running.ran
  assert.equal(status, 2, out + err)
  const failed = [...out.matchAll(/^FAILED {4}(\S+) {2}task (\d) of 8 ended/gm)]
  assert.deepEqual([...new Set(failed.map(([, , task]) => task))], ['1', '4'], out + err)
  assert.deepEqual([tasksIn(out), nightsIn(out)], [[1, 2, 3, 4, 5, 6, 7, 8], nights - failed.length])
  await slurm.resume()
  assert.equal(nightsIn(await machines.succeed(...ARRAY)), failed.length)
  await machines.hasLake(expected)
})

test('the elements of an array end with its make, and queued ones do nothing', {
  skip: NO_SLURM,
}, async t => {
  const slurm = await Slurm.start(t)
  // On a busy machine an element may finish its night before it notices the end of make.
  let machines = await endHalfDone(t, slurm)
  for (let i = 0; i < 3 && (await hasLargest(machines)); i++) machines = await endHalfDone(t, slurm)
  assert.equal(await hasLargest(machines), false)
  await machines.succeed(...ARRAY)
  await machines.hasLake(expected)
})

/** Ends the make of an array while its largest night is half converted, and waits until no element is left. */
async function endHalfDone(t: TestContext, slurm: Slurm): Promise<Machines> {
  const machines = await Machines.with(t, tarballs, slurm.env)
  const running = machines.start(...ARRAY)
  await machines.waitUntilHalfDone(running, FIRST)
  process.kill(-(running.child.pid as number), 'SIGTERM')
  await running.ran
  await slurm.waitUntilIdle()
  return machines
}

async function hasLargest({ paths }: Machines): Promise<boolean> {
  return (await listNames(paths.manifests)).includes(`${FIRST}.json`)
}
