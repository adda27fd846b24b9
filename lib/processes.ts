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
