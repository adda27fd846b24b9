// Worker process of make check: worker-farm calls `check` with one job, then the process ends.
export { check } from '../lib/jobs/check-worker.ts'

// If the parent is killed, stop at once: nobody would record what this process writes.
process.once('disconnect', () => process.exit(1))
