// Worker process for make index. worker-farm starts a new process for each job, and calls `candidates`.
export { candidates } from '../lib/jobs/candidates-worker.ts'

// End at once if the parent is killed, so that this process does not write during the next run. An exit would wait for a
// thread of DuckDB, which may wait for this one to compute a function of a query.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
