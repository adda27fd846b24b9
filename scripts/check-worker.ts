// Worker process for make check. worker-farm starts a new process for each job, and calls `check`.
export { check } from '../lib/jobs/check-worker.ts'

// End at once if the parent is killed, because no process is left to receive the result.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
