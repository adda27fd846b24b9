import workerFarm from 'worker-farm'
import { built } from '../paths.ts'
import type { WorkQueue } from './queue.ts'
import type { Job, JobNight, Outcome } from './worker.ts'

/**
 * Has glibc keep what a process frees for that process: row groups of 22 MB would else be given back to the system and
 * asked for again, with a page fault for every 4 kB. One heap for all threads holds a fifth less than one for each.
 * Other C libraries take no notice.
 */
const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '1073741824',
  MALLOC_ARENA_MAX: '1',
}

/** A worker's heap is small; V8's helper threads would take from other workers' cores more than they give. */
const ONE_COLLECTOR = '--single-threaded-gc'

/** The module that a worker process loads for each kind of job. */
const MODULES = { convert: 'convert-worker.js', check: 'check-worker.js' }

/** What is said of a night that was tried twice. */
const DIED = 'the process at work on it died twice: was it killed, or out of memory?'

/**
 * Spreads a queue's jobs over processes until it is closed and empty, and tells what became of each night as soon as
 * that is known.
 * Nothing else imports worker-farm.
 *
 * A night at which a process died is tried once more, in one of its own.
 *
 * A process takes one job and ends. worker-farm's defaults would try a job that kills its process for ever; with
 * processes that live on and a finite number of tries, it can lose another job's answer and wait for it without end
 * (rvagg/node-worker-farm issue 104). And a process's memory, wasm's too, goes back to the system with it.
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
  const run = async (job: J, died = false): Promise<void> => {
    const outcomes = await call(job)
    for (const outcome of outcomes) await onOutcome(outcome)
    const told = new Set(outcomes.map(({ stem }) => stem))
    const untold = job.nights.filter(({ stem }) => !told.has(stem))
    if (died) for (const { stem } of untold) await onOutcome({ stem, error: DIED })
    // A job ends with a night that failed, and then says so; else its process died, at whichever of them.
    const lost = !outcomes.some(outcome => 'error' in outcome)
    if (!died) await Promise.all(untold.map(night => run({ ...job, nights: [night] }, lost)))
  }
  const work = async (): Promise<void> => {
    for (let job = await queue.next(); job; job = await queue.next()) await run(job)
  }
  await Promise.all(Array.from({ length: workers }, work))
  await new Promise(resolve => workerFarm.end(farm, resolve))
}

/** What a process answers; nothing where it died. */
function outcomesOf<T>(ask: (answer: (error: Error | null, outcomes: Outcome<T>[]) => void) => void) {
  return new Promise<Outcome<T>[]>(resolve => ask((error, outcomes) => resolve(error ? [] : outcomes)))
}
