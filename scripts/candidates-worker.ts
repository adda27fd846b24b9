// Worker process for make index. worker-farm starts a new process for each job, and calls `candidates`.
export { candidates } from '../lib/jobs/candidates-worker.ts'

// Exit at once if the parent is killed, so that this process does not write during the next run.
process.once('disconnect', () => process.exit(1))
