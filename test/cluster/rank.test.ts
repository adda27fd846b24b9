import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rankIn, withoutRank } from '../../lib/cluster/rank.ts'

const MPIRUN = { OMPI_COMM_WORLD_RANK: '3', OMPI_COMM_WORLD_SIZE: '4' }
const MPICH = { PMI_RANK: '0', PMI_SIZE: '8' }
const SRUN = { SLURM_PROCID: '1', SLURM_NTASKS: '2' }
const ARRAY = {
  SLURM_ARRAY_TASK_ID: '16',
  SLURM_ARRAY_TASK_COUNT: '4',
  SLURM_ARRAY_TASK_MIN: '10',
  SLURM_ARRAY_TASK_MAX: '19',
  SLURM_ARRAY_TASK_STEP: '3',
}

test('each launcher tells a task its rank in its own way', () => {
  assert.deepEqual(rankIn(MPIRUN), { rank: 3, size: 4 })
  assert.deepEqual(rankIn(MPICH), { rank: 0, size: 8 })
  assert.deepEqual(rankIn(SRUN), { rank: 1, size: 2 })
  assert.deepEqual(rankIn(ARRAY), { rank: 2, size: 4 })
})

test('of launchers within one another the innermost is believed', () => {
  assert.deepEqual(rankIn({ ...SRUN, ...MPIRUN }), { rank: 3, size: 4 })
  assert.deepEqual(rankIn({ ...SRUN, ...ARRAY }), { rank: 2, size: 4 })
})

test('a task that is told no rank, or one that cannot be, is refused: all would do all the nights', () => {
  assert.throws(
    () => rankIn({ PATH: '/bin' }),
    /^Error: LAUNCHER starts tasks without telling .*: expected one of OMPI_/,
  )
  for (const [PMI_RANK, PMI_SIZE] of [
    ['4', '4'],
    ['-1', '4'],
    ['x', '4'],
    ['0.5', '4'],
    ['0', undefined],
  ])
    assert.throws(() => rankIn({ PMI_RANK, PMI_SIZE }), /^Error: the launcher gives a task PMI_RANK=\S+ and PMI_SIZE=/)
})

test('a launcher within a task does not hand on the rank of that, but all else', () => {
  const env = withoutRank({ ...SRUN, ...ARRAY, SLURM_JOB_ID: '7' })
  assert.throws(() => rankIn(env), /without telling/)
  assert.deepEqual([env.SLURM_NTASKS, env.SLURM_JOB_ID], ['2', '7'])
})
