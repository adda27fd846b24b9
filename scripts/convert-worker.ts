// Worker process for make lake and make all. worker-farm starts a new process for each job, and calls `convert`.
export { convert } from '../lib/jobs/convert-worker.ts'

// Exit at once if the parent is killed, so that this process does not write during the next run.
process.once('disconnect', () => process.exit(1))
