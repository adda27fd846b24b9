import { readFileSync } from 'node:fs'

/** A process, and when it started, in the kernel's own count: its number is used again, for another. */
export interface ProcessId {
  readonly pid: number
  /** Undefined where there is no /proc to tell. */
  readonly start: string | undefined
}

export function identify(pid: number): ProcessId {
  return { pid, start: factsOf(pid)?.start }
}

/** Whether a process of this host runs, and is still the same; where that cannot be told, it is said to. */
export function isRunning({ pid, start }: ProcessId): boolean {
  if (!answers(pid)) return false
  const facts = factsOf(pid)
  // One that was killed answers until its parent has asked for its end, which some never do.
  return !facts || (facts.state !== 'Z' && (start ?? facts.start) === facts.start)
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function factsOf(pid: number): { state: string | undefined; start: string | undefined } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name, which may hold anything: the fields from the third on follow the last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0], start: fields[19] }
  } catch {
    return undefined
  }
}

/** The environment tells the process ids of the makes that this was started by, the innermost last. */
const MAKES = 'ZTF_LAKE_MAKE'
/** And, in a download that `make all` runs beside its conversion, that one's. */
const CONVERSION = 'ZTF_LAKE_CONVERSION'
/** And, in a download whose lines another process shows, that one's. The Makefile knows it too. */
const VIEW = 'ZTF_LAKE_VIEW'

/** And, in a make that fetches as a task of a run, which may be on another host, that one's id. */
const RUN = 'ZTF_LAKE_RUN'

/** How often to look whether the other side has got on, or is still there, in ms. */
export const POLL_INTERVAL_MS = 1000

/**
 * The process id of the make that this was started by, be it through the make of a script that shows a view; undefined
 * where it was started by hand.
 */
export function makeAround(): number | undefined {
  return pidsIn(MAKES).at(process.env[VIEW] ? -2 : -1)
}

/** What a download is to know whose lines go through this process. */
export function inView(): NodeJS.ProcessEnv {
  return { [VIEW]: String(process.pid) }
}

/** What a download is to know that runs beside the conversion of this process, which its lines go through. */
export function besideThis(): NodeJS.ProcessEnv {
  return { ...inView(), [CONVERSION]: String(process.pid) }
}

/** What a make is to know that a task of a run starts: its downloads end with this process; the run has the lock. */
export function inRun(id: string): NodeJS.ProcessEnv {
  return { [MAKES]: String(process.pid), [RUN]: id }
}

/** The id of the run that this is a part of, in one of its tasks; undefined where it works for a make of its own. */
export function runAround(): string | undefined {
  return process.env[RUN]
}

/** The environment for processes that may run on other hosts, where the numbers of ours say nothing. */
export function withoutParents(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { [MAKES]: _, [CONVERSION]: __, [VIEW]: ___, ...others } = env
  return others
}

/** Whether a conversion runs beside this process. */
export function isBesideConversion(): boolean {
  return process.env[CONVERSION] !== undefined
}

/** Ends this process, with a sentence, when one that it works for has ended: nobody would take what it makes. */
export function exitWithParent(): void {
  for (const pid of pidsIn(MAKES)) endWith(pid, 'make')
  for (const pid of pidsIn(CONVERSION)) endWith(pid, 'make all')
  for (const pid of pidsIn(VIEW)) endWith(pid, 'what shows this')
}

function endWith(pid: number, name: string): void {
  const parent = identify(pid)
  const look = () => {
    if (!isRunning(parent)) throw new Error(`${name} has ended, and with it this: the next run goes on from there`)
  }
  setInterval(look, POLL_INTERVAL_MS).unref()
}

function pidsIn(name: string): number[] {
  return (process.env[name] ?? '').split(' ').filter(Boolean).map(Number)
}
