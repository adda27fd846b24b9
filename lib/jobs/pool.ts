import workerFarm from 'worker-farm'
import { built } from '../paths.ts'
import type { WorkQueue } from './queue.ts'
import type { Job, JobNight, Outcome } from './worker.ts'

/**
 * Makes glibc keep freed memory: row groups of 22 MB would otherwise be returned to the system and requested again,
 * with a page fault per 4 kB. One heap for all threads needs a fifth less than one per thread.
 */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
  MALLOC_ARENA_MAX: '1',
}

/** A worker's heap is small, and V8's helper threads would take cores from other workers. */
const ONE_COLLECTOR = '--single-threaded-gc'

/** The module that a worker process loads for each kind of job. */
const MODULES = { convert: 'convert-worker.js', check: 'check-worker.js' }

const DIED = 'its worker process died twice: was it killed, or out of memory?'

/**
 * Runs the jobs of a queue in worker processes until the queue is closed and empty.
 *
 * Each process takes one job and ends, which returns its memory, wasm included, to the system. worker-farm's defaults
 * would retry a job that kills its process for ever, and with long-lived processes and finite retries it can lose
 * another job's answer and hang (rvagg/node-worker-farm issue 104). A night whose process died is retried once, alone.
 *
 * @param onOutcome called for each night as soon as its job has ended
 */
export async function runPool<N extends JobNight, J extends Job<N>, T>(
  kind: keyof typeof MODULES,
  queue: WorkQueue<N, J>,
  workers: number,
  onOutcome: (outcome: Outcome<T>) => Promise<void>,
): Promise<void> {
  const farm = workerFarm(
    {
      maxConcurrentWorkers: workers,
      maxConcurrentCallsPerWorker: 1,
      maxCallsPerWorker: 1,
      maxRetries: 0,
      workerOptions: { env: { ...process.env, ...KEEP_MEMORY }, execArgv: [...process.execArgv, ONE_COLLECTOR] },
    },
    built(MODULES[kind]),
    [kind],
  )
  const call = (job: J) => outcomesOf<T>(done => farm[kind]?.(job, done))
  const work = async (): Promise<void> => {
    for (let job = await queue.next(); job; job = await queue.next()) await runJob(job, call, onOutcome)
  }
  await Promise.all(Array.from({ length: workers }, work))
  await new Promise(resolve => workerFarm.end(farm, resolve))
}

/** @param isRetry whether the process of the job's only night died before */
async function runJob<N extends JobNight, J extends Job<N>, T>(
  job: J,
  call: (job: J) => Promise<Outcome<T>[]>,
  onOutcome: (outcome: Outcome<T>) => Promise<void>,
  isRetry = false,
): Promise<void> {
  const outcomes = await call(job)
  for (const outcome of outcomes) await onOutcome(outcome)
  const reported = new Set(outcomes.map(({ stem }) => stem))
  const unreported = job.nights.filter(({ stem }) => !reported.has(stem))
  if (isRetry) for (const { stem } of unreported) await onOutcome({ stem, error: DIED })
  // A job ends early with the error of a night. Without one its process died, at any of the unreported nights.
  const died = !outcomes.some(outcome => 'error' in outcome)
  if (!isRetry) await Promise.all(unreported.map(night => runJob({ ...job, nights: [night] }, call, onOutcome, died)))
}

/** The outcomes of a job; none if its process died. */
function outcomesOf<T>(call: (answer: (error: Error | null, outcomes: Outcome<T>[]) => void) => void) {
  return new Promise<Outcome<T>[]>(resolve => call((error, outcomes) => resolve(error ? [] : outcomes)))
}
