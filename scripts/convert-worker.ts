// Worker process of make lake. worker-farm starts a new process for each job, and calls `convert`.
export { convert } from '../lib/jobs/convert-worker.ts'

// Exit at once if the parent is killed: the next run must not find this process still writing.
process.once('disconnect', () => process.exit(1))
