// Worker process of make lake: worker-farm calls `convert` with one job, then the process ends.
export { convert } from '../lib/jobs/convert-worker.ts'

// If the parent is killed, stop at once: nobody would record what this process writes.
process.once('disconnect', () => process.exit(1))
