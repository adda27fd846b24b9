/** Rank of a task, from 0 to `size` - 1, and the number of tasks. */
export interface Rank {
  readonly rank: number
  readonly size: number
}

/**
 * Environment variables in which launchers pass the rank. MPI comes before Slurm, because an element of a Slurm array
 * may start mpirun. The indices of an array may have any start and step.
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
 * The rank of this process.
 * @throws Error if the environment has no valid rank, so that tasks without a rank do not all convert every night
 */
export function rankIn(env: NodeJS.ProcessEnv): Rank {
  for (const { rank, size, first = '', step = '' } of RANK_VARIABLES) {
    if (env[rank] === undefined) continue
    const found = {
      rank: (Number(env[rank]) - Number(env[first] ?? 0)) / Number(env[step] ?? 1),
      size: Number(env[size]),
    }
    if (Number.isInteger(found.rank) && found.rank >= 0 && found.rank < found.size) return found
    throw new Error(
      `the launcher gives a task ${rank}=${env[rank]} and ${size}=${env[size]}: expected a rank from 0 to ${size} - 1`,
    )
  }
  const names = RANK_VARIABLES.map(({ rank }) => rank).join(', ')
  throw new Error(`LAUNCHER starts tasks without a rank: expected one of ${names} in their environment`)
}

/** Environment for a launcher, without rank variables that this process may have inherited from another launcher. */
export function withoutRank(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set(RANK_VARIABLES.map(({ rank }) => rank))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)))
}
