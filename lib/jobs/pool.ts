import workerFarm from 'worker-farm'
import { built } from '../paths.ts'
import type { WorkQueue } from './queue.ts'
import type { Job, JobNight, Outcome } from './worker.ts'

/**
 * Makes glibc keep freed memory: row groups of 22 MB would otherwise be returned to the system and requested again,
 * with a page fault per 4 kB. One arena for all threads needs a fifth less memory than one per thread.
 */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
  MALLOC_ARENA_MAX: '1',
}

/** Turns off V8's helper threads for garbage collection: they would take cores from other workers. */
const ONE_COLLECTOR = '--single-threaded-gc'

/** The module that a worker process loads for each kind of job. */
const MODULES = { convert: 'convert-worker.js', check: 'check-worker.js' }

const DIED = 'its worker process died twice: was it killed, or out of memory?'

/**
 * Runs the jobs of a queue in worker processes until the queue is closed and empty.
 *
 * Each process runs one job and exits, which returns its memory, including wasm memory, to the system. By default,
 * worker-farm would endlessly retry a job that kills its process. With long-lived processes and limited retries it can
 * lose another job's answer and hang (rvagg/node-worker-farm issue 104). If a process dies, each of its nights is
 * retried once, in a process of its own.
 *
 * @param onOutcome called for each night after its job has ended
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

/** @param isRetry whether the job is the retry of a single night after its process died */
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
  // A job ends early if a night fails. If none has failed, the process died during one of the unreported nights.
  const died = !outcomes.some(outcome => 'error' in outcome)
  if (!isRetry) await Promise.all(unreported.map(night => runJob({ ...job, nights: [night] }, call, onOutcome, died)))
}

/** Outcomes of a job; empty if its process died. */
function outcomesOf<T>(call: (answer: (error: Error | null, outcomes: Outcome<T>[]) => void) => void) {
  return new Promise<Outcome<T>[]>(resolve => call((error, outcomes) => resolve(error ? [] : outcomes)))
}
