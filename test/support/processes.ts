import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** What a test kills: the process group of make, make alone, the make of the downloads, or one process below them. */
export const VICTIMS = ['group', 'make', 'downloads', 'script', 'worker', 'aria2c'] as const
export type Victim = (typeof VICTIMS)[number]

/** Commands of the victims below make. */
const COMMANDS: Partial<Record<Victim, RegExp>> = {
  downloads: /^make .*nights\.mk\b/,
  script: /^node \.build\//,
  worker: /\bworker-farm\/lib\/child\//,
  aria2c: /^\S*aria2c /,
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/**
 * Kills one victim below a make that leads a process group.
 * @returns whether there was one
 */
export function kill(make: number, victim: Victim, choose: <T>(values: readonly T[]) => T): boolean {
  const pattern = COMMANDS[victim]
  if (!pattern) return send(victim === 'group' ? -make : make)
  const found = descendants(make).filter(({ command }) => pattern.test(command))
  return found.length > 0 && send(choose(found).pid)
}

/** Kills the process that downloads a tarball. */
export function killDownload(make: number, name: string): void {
  const found = descendants(make).find(({ command }) => command === `node .build/fetch-night.js ${name}`)
  if (!found) throw new Error(`no process downloads ${name}`)
  send(found.pid)
}

function send(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** Whether a process that make has started for this data folder is still running; false without /proc. */
export function isInUse(data: string): boolean {
  if (!existsSync('/proc')) return false
  return readdirSync('/proc').some(name => {
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`DATA=${data}`)
    } catch {
      return false // It is no process, or has ended.
    }
  })
}

/** All processes below a process, also those in other process groups. */
export function descendants(pid: number): Process[] {
  const lines = execFileSync('ps', ['-Ao', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
  const all = lines.flatMap(line => {
    const [, own, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? []
    return command === undefined ? [] : [{ pid: Number(own), parent: Number(parent), command }]
  })
  const childrenOf = (of: number): Process[] =>
    all.filter(({ parent }) => parent === of).flatMap(child => [child, ...childrenOf(child.pid)])
  return childrenOf(pid)
}
