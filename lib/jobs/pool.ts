import workerFarm from 'worker-farm'
import { built } from '../paths.ts'
import type { WorkQueue } from './queue.ts'
import type { Job, JobNight, Outcome } from './worker.ts'

/**
 * Settings that make glibc keep freed memory. Returning 22 MB to the system after each row group, and requesting it
 * again, would cost a page fault per 4 KiB. One arena for all threads needs a fifth less memory than one per thread.
 */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
  MALLOC_ARENA_MAX: '1',
}

/** Turns off V8's helper threads for garbage collection, which would slow down the other workers. */
const ONE_COLLECTOR = '--single-threaded-gc'

const MODULES = { convert: 'convert-worker.js', check: 'check-worker.js', candidates: 'candidates-worker.js' }

const DIED = 'its worker process died twice: was it killed, or out of memory?'

const DISK_FULL = 'it was not tried, because the disk is full'

/**
 * Runs the jobs of a queue in worker processes until the queue is closed and empty.
 *
 * Each process runs one job and exits, because wasm memory is only freed on exit, and because worker-farm may lose
 * another call if a longer-lived process dies (rvagg/node-worker-farm issue 104). worker-farm's own retries, which are
 * endless by default, are turned off. If a process dies, each of its unfinished nights is retried once in a separate
 * process. Once the disk is full, no other night is tried.
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
  let isDiskFull = false
  const call = async (job: J): Promise<Outcome<T>[]> => {
    if (isDiskFull) return job.nights.map(({ stem }) => ({ stem, error: DISK_FULL, untried: true }))
    const outcomes = await outcomesOf<T>(done => farm[kind]?.(job, done))
    isDiskFull ||= outcomes.some(outcome => 'error' in outcome && outcome.isDiskFull)
    return outcomes
  }
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
  // If a night has failed, the unreported nights were not started. Otherwise the process died or wasm aborted during
  // one of them.
  const died = !outcomes.some(outcome => 'error' in outcome)
  if (!isRetry) await Promise.all(unreported.map(night => runJob({ ...job, nights: [night] }, call, onOutcome, died)))
}

/** Outcomes of a job; empty if its process died. */
function outcomesOf<T>(call: (answer: (error: Error | null, outcomes: Outcome<T>[]) => void) => void) {
  return new Promise<Outcome<T>[]>(resolve => call((error, outcomes) => resolve(error ? [] : outcomes)))
}
