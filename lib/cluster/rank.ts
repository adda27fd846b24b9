/** Which of how many tasks this is: the first has rank 0. */
export interface Rank {
  readonly rank: number
  readonly size: number
}

/**
 * Where launchers tell it, the innermost first: mpirun may itself be started by Slurm, in an array's element too. An
 * array may begin at any number and go in steps.
 */
const RANK_VARIABLES = [
  { rank: 'OMPI_COMM_WORLD_RANK', size: 'OMPI_COMM_WORLD_SIZE' },
  { rank: 'PMI_RANK', size: 'PMI_SIZE' },
  {
    rank: 'SLURM_ARRAY_TASK_ID',
    size: 'SLURM_ARRAY_TASK_COUNT',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
  },
  { rank: 'SLURM_PROCID', size: 'SLURM_NTASKS' },
]

/**
 * Which of a launcher's tasks this process is, as the launcher tells in its environment.
 * @throws Error in one sentence where it does not: without that every task would do all the nights
 */
export function rankIn(env: NodeJS.ProcessEnv): Rank {
  for (const { rank, size, first = '', step = '' } of RANK_VARIABLES) {
    if (env[rank] === undefined) continue
    const told = {
      rank: (Number(env[rank]) - Number(env[first] ?? 0)) / Number(env[step] ?? 1),
      size: Number(env[size]),
    }
    if (Number.isInteger(told.rank) && told.rank >= 0 && told.rank < told.size) return told
    throw new Error(
      `the launcher gives a task ${rank}=${env[rank]} and ${size}=${env[size]}: expected 0 to ${size} - 1`,
    )
  }
  const names = RANK_VARIABLES.map(({ rank }) => rank).join(', ')
  throw new Error(
    `LAUNCHER starts tasks without telling them their number: expected one of ${names} in their environment`,
  )
}

/** The environment for a launcher: inside a task of another, that one's rank must not be taken for its tasks'. */
export function withoutRank(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set(RANK_VARIABLES.map(({ rank }) => rank))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)))
}
