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

test('reads the rank that each launcher gives its tasks', () => {
  assert.deepEqual(rankIn(MPIRUN), { rank: 3, size: 4 })
  assert.deepEqual(rankIn(MPICH), { rank: 0, size: 8 })
  assert.deepEqual(rankIn(SRUN), { rank: 1, size: 2 })
  assert.deepEqual(rankIn(ARRAY), { rank: 2, size: 4 })
})

test('prefers the rank of the innermost launcher', () => {
  assert.deepEqual(rankIn({ ...SRUN, ...MPIRUN }), { rank: 3, size: 4 })
  assert.deepEqual(rankIn({ ...SRUN, ...ARRAY }), { rank: 2, size: 4 })
})

test('refuses a missing or impossible rank, because every task would then convert all nights', () => {
  assert.throws(() => rankIn({ PATH: '/bin' }), /^Error: LAUNCHER starts tasks without a rank: expected one of OMPI_/)
  for (const [PMI_RANK, PMI_SIZE] of [
    ['4', '4'],
    ['-1', '4'],
    ['x', '4'],
    ['0.5', '4'],
    ['0', undefined],
  ])
    assert.throws(() => rankIn({ PMI_RANK, PMI_SIZE }), /^Error: the launcher gives a task PMI_RANK=\S+ and PMI_SIZE=/)
})

test('removes the ranks of the environment, and nothing else', () => {
  const env = withoutRank({ ...SRUN, ...ARRAY, SLURM_JOB_ID: '7' })
  assert.throws(() => rankIn(env), /without a rank/)
  assert.deepEqual([env.SLURM_NTASKS, env.SLURM_JOB_ID], ['2', '7'])
})
