import { fileURLToPath } from 'node:url'
import workerFarm from 'worker-farm'
import type { JobQueue } from './jobs.ts'
import type { Job, Outcome } from './worker.ts'

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

/** As it is built beside the scripts: a process that had to translate TypeScript first would start twice as slowly. */
const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url))

/**
 * Spreads a queue's jobs over processes until it is closed and empty, and tells what became of each night as soon as that is known.
 * Nothing else imports worker-farm.
 *
 * A process takes one job and ends. worker-farm's defaults would try a job that kills its process for ever; with
 * processes that live on and a finite number of tries, it can lose another job's answer and wait for it without end
 * (rvagg/node-worker-farm issue 104). And a process's memory, wasm's too, goes back to the system with it.
 */
export async function runFarm(
  queue: JobQueue,
  workers: number,
  onOutcome: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  const farm = workerFarm(
    {
      maxConcurrentWorkers: workers,
      maxConcurrentCallsPerWorker: 1,
      maxCallsPerWorker: 1,
      maxRetries: 0,
      workerOptions: { env: { ...process.env, ...KEEP_MEMORY }, execArgv: [...process.execArgv, ONE_COLLECTOR] },
    },
    WORKER,
    ['convert'],
  )
  const run = async (job: Job): Promise<void> => {
    const outcomes = await call(farm, job)
    for (const outcome of outcomes) await onOutcome(outcome)
    const told = new Set(outcomes.map(({ stem }) => stem))
    const untold = job.nights.filter(({ stem }) => !told.has(stem))
    await Promise.all(untold.map(night => run({ ...job, nights: [night] })))
  }
  const work = async (): Promise<void> => {
    for (let job = await queue.next(); job; job = await queue.next()) await run(job)
  }
  await Promise.all(Array.from({ length: workers }, work))
  await new Promise(resolve => workerFarm.end(farm, resolve))
}

/** A job whose process died tells of no night; where it had only one, that one is what killed it. */
function call(farm: workerFarm.Workers, job: Job): Promise<Outcome[]> {
  return new Promise(resolve =>
    farm.convert?.(job, (error: Error | null, outcomes: Outcome[]) => {
      const [only, ...others] = job.nights
      if (!error) resolve(outcomes)
      else if (!only || others.length > 0) resolve([])
      else resolve([{ stem: only.stem, error: 'the process at work on it died: was it killed, or out of memory?' }])
    }),
  )
}
