import { execFileSync } from 'node:child_process'

/** What is killed: all that shares make's group, make alone, or one of what works for it. */
export const VICTIMS = ['group', 'make', 'script', 'worker', 'aria2c'] as const
export type Victim = (typeof VICTIMS)[number]

const KINDS: Partial<Record<Victim, RegExp>> = {
  script: /\bnode \.build\//,
  worker: /\bworker-farm\/lib\/child\//,
  aria2c: /^\S*aria2c /,
}

/** Kills a victim below a make that leads a group of its own; tells whether there was one. */
export function kill(make: number, victim: Victim, choose: <T>(values: readonly T[]) => T): boolean {
  const kind = KINDS[victim]
  if (!kind) return send(victim === 'group' ? -make : make)
  const found = below(make).filter(({ command }) => kind.test(command))
  return found.length > 0 && send(choose(found).pid)
}

function send(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** All processes that a process has started, and those that these have, in groups of their own too. */
export function below(pid: number): Process[] {
  const lines = execFileSync('ps', ['-Ao', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
  const all = lines.flatMap(line => {
    const [, own, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? []
    return command === undefined ? [] : [{ pid: Number(own), parent: Number(parent), command }]
  })
  const children = (of: number): Process[] =>
    all.filter(({ parent }) => parent === of).flatMap(child => [child, ...children(child.pid)])
  return children(pid)
}
