import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Interval for checking on other processes, in ms. */
export const POLL_INTERVAL_MS = 1000

/** Environment variable with the path of a run's folder. The file `owner` in it identifies the run's owner. */
export const RUN_VARIABLE = 'ZTF_LAKE_RUN'

/** Identity of a process. Ids are reused, so the start time distinguishes processes with the same id. */
export interface ProcessId {
  readonly pid: number
  /** Start time in clock ticks since boot; undefined without /proc. */
  readonly start: string | undefined
}

export function identify(pid: number): ProcessId {
  return { pid, start: readStat(pid)?.start }
}

/** Whether a process on this host is still running. Without /proc, any running process with the same id counts. */
export function isRunning({ pid, start }: ProcessId): boolean {
  if (!acceptsSignals(pid)) return false
  const stat = readStat(pid)
  // A zombie accepts signals until its parent reaps it, which some parents never do.
  return !stat || (stat.state !== 'Z' && (start ?? stat.start) === stat.start)
}

/** Content of the file `owner` for a run that this process owns. */
export function ownerText(): string {
  return JSON.stringify(identify(process.pid))
}

/**
 * Ends this process with an error once its parent or its run's owner has ended. Otherwise the recipes of a killed make
 * would keep running.
 */
export function exitWithParent(): void {
  const parent = process.ppid
  const owner = runOwner()
  const check = () => {
    if (process.ppid !== parent) throw new Error('make has ended, so this stops: the next run resumes')
    if (owner && !isRunning(owner)) throw new Error('the run has ended, so this stops: the next run resumes')
  }
  check()
  const poll = () => {
    try {
      check()
    } catch (error) {
      // An exit waits for threads, such as those of a query. So kill the process: no other needs its exit status.
      process.once('exit', () => process.kill(process.pid, 'SIGKILL'))
      throw error
    }
  }
  setInterval(poll, POLL_INTERVAL_MS).unref()
}

/** @throws Error if the file `owner` cannot be read */
function runOwner(): ProcessId | undefined {
  const folder = process.env[RUN_VARIABLE]
  if (!folder) return undefined
  try {
    return JSON.parse(readFileSync(join(folder, 'owner'), 'utf8'))
  } catch (error) {
    throw new Error('the run has ended, so this stops: the next run resumes', { cause: error })
  }
}

function acceptsSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readStat(pid: number): { state: string | undefined; start: string | undefined } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses. It may contain any character, so search for the last `)`.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0], start: fields[19] }
  } catch {
    return undefined
  }
}
