import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { listNames, remove } from '../../lib/core/files.ts'
import { LARGE_STEMS, prepare } from '../support/cluster-nights.ts'
import { Machines, sumIn, tasksIn } from '../support/machines.ts'
import { descendants } from '../support/processes.ts'
import { NO_MPI, NO_SLURM, Slurm, SRUN } from '../support/slurm.ts'

const MPIRUN = `LAUNCHER=mpirun ${process.getuid?.() === 0 ? '--allow-run-as-root' : ''} --oversubscribe -n 4`
const ARRAY = ['lake-array', 'ELEMENTS=8']
const [FIRST, SECOND, , FOURTH] = LARGE_STEMS as [string, string, string, string]

let folder: string | undefined
let tarballs: string
let expected: Map<string, string>
let nights: number

before(async () => {
  if (NO_MPI && NO_SLURM) return
  folder = await mkdtemp(join(tmpdir(), 'ztf-lake-'))
  const alone = new Machines(folder)
  await prepare(alone.paths)
  await alone.succeed('lake')
  tarballs = alone.paths.tarballs
  expected = await alone.lake()
  nights = (await listNames(tarballs)).filter(name => name.endsWith('.tar.gz')).length
})
after(() => folder && remove(folder))

test('four ranks of mpirun make the lake of a single machine', { skip: NO_MPI }, async t => {
  const machines = await Machines.with(t, tarballs)
  const out = await machines.succeed('lake', MPIRUN)
  assert.deepEqual([tasksIn(out), sumIn(out)], [[1, 2, 3, 4], nights])
  await machines.hasLake(expected)
})

test('when a rank of mpirun is killed the run fails, and the rerun does what is missing', { skip: NO_MPI }, async t => {
  const machines = await Machines.with(t, tarballs)
  const { child, ran } = machines.start('lake', MPIRUN)
  await machines.halfWay(FIRST)
  const tasks = descendants(child.pid as number).filter(({ command }) => /^\S*node \S+task\.js /.test(command))
  process.kill(tasks[0]?.pid ?? assert.fail('no task runs'), 'SIGKILL')
  const { status, out, err } = await ran
  assert.equal(status, 2, out + err)
  assert.match(out, /^FAILED {4}\S+ {2}task \d of 4 ended/m)
  await machines.succeed('lake', MPIRUN)
  await machines.hasLake(expected)
})

test('four tasks of srun make the lake of a single machine', { skip: NO_SLURM }, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const out = await machines.succeed('lake', SRUN)
  assert.deepEqual([tasksIn(out), sumIn(out)], [[1, 2, 3, 4], nights])
  await machines.hasLake(expected)
})

test('of a node that goes down the others do their share, and the rerun does what is missing', {
  skip: NO_SLURM,
}, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const { ran } = machines.start('lake', SRUN)
  // The second largest is the first of the second task, which is on the second node.
  await machines.halfWay(SECOND)
  await slurm.says('scontrol', 'update', 'nodename=n2', 'state=down', 'reason=test')
  const { status, out, err } = await ran
  assert.equal(status, 2, out + err)
  const failed = [...out.matchAll(/^FAILED {4}(\S+) {2}task (\d) of 4 ended/gm)]
  assert.deepEqual([...new Set(failed.map(([, , task]) => task))], ['2'], out + err)
  assert.ok(failed.some(([, stem]) => stem === SECOND))
  assert.equal(sumIn(out), nights - failed.length)
  await slurm.resume()
  await machines.succeed('lake', SRUN)
  await machines.hasLake(expected)
})

test('a job that scancel ends leaves what it has not done to the rerun', { skip: NO_SLURM }, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const { ran } = machines.start('lake', SRUN)
  await machines.halfWay(FIRST)
  await slurm.says('scancel', (await slurm.jobs()).map(({ id }) => id).join(' '))
  const { status, out, err } = await ran
  assert.equal(status, 2, out + err)
  assert.match(out, new RegExp(`^FAILED {4}${FIRST} {2}task 1 of 4 ended`, 'm'))
  await machines.succeed('lake', SRUN)
  await machines.hasLake(expected)
})

test('of an array on fewer nodes, one element cancelled and one node down, the rerun makes the same lake', {
  skip: NO_SLURM,
}, async t => {
  const slurm = await Slurm.start(t)
  const machines = await Machines.with(t, tarballs, slurm.env)
  const { ran } = machines.start(...ARRAY)
  await machines.halfWay(FIRST)
  await slurm.says('scancel', (await slurm.element(1)).id)
  await machines.halfWay(FOURTH)
  await slurm.says('scontrol', 'update', `nodename=${(await slurm.element(4)).node}`, 'state=down', 'reason=test')
  const { status, out, err } = await ran
  assert.equal(status, 2, out + err)
  const failed = [...out.matchAll(/^FAILED {4}(\S+) {2}task (\d) of 8 ended/gm)]
  assert.deepEqual([...new Set(failed.map(([, , task]) => task))], ['1', '4'], out + err)
  assert.deepEqual([tasksIn(out), sumIn(out)], [[1, 2, 3, 4, 5, 6, 7, 8], nights - failed.length])
  await slurm.resume()
  assert.equal(sumIn(await machines.succeed(...ARRAY)), failed.length)
  await machines.hasLake(expected)
})

test('when make is ended, so are the elements of its array, and those that wait do nothing', {
  skip: NO_SLURM,
}, async t => {
  const slurm = await Slurm.start(t)
  // On a busy machine an element may be done before the end has reached it.
  let machines = await endHalfWay(t, slurm)
  for (let i = 0; i < 3 && (await isMade(machines)); i++) machines = await endHalfWay(t, slurm)
  assert.equal(await isMade(machines), false)
  await machines.succeed(...ARRAY)
  await machines.hasLake(expected)
})

/** A make of an array that is ended while its largest night is half way, and that has no element left. */
async function endHalfWay(t: TestContext, slurm: Slurm): Promise<Machines> {
  const machines = await Machines.with(t, tarballs, slurm.env)
  const { child, ran } = machines.start(...ARRAY)
  await machines.halfWay(FIRST)
  process.kill(-(child.pid as number), 'SIGTERM')
  await ran
  await slurm.idle()
  return machines
}

async function isMade({ paths }: Machines): Promise<boolean> {
  return (await listNames(paths.manifests)).includes(`${FIRST}.json`)
}
