import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { $, type ProcessOutput, which } from 'zx'
import { withoutRank } from '../cluster/rank.ts'
import { print, printError } from './console.ts'
import { withoutParents } from './process.ts'

/** Programs that are run, all through zx: arguments are passed as they are, and no text of others becomes a command. */

/** Runs a program silently; its exit code tells, and its output is kept. */
export async function run(program: string, args: readonly string[]): Promise<ProcessOutput> {
  return $({ quiet: true, nothrow: true, stdio: ['ignore', 'pipe', 'pipe'] })`${program} ${args}`
}

/**
 * Runs a command line of our own in bash.
 * @returns what it printed to standard error
 * @throws Error in one sentence where it fails
 */
export async function bash(line: string): Promise<string> {
  const { exitCode, stderr } = await $({
    quiet: true,
    nothrow: true,
    env: outsideMake(),
  })`bash --norc -euo pipefail -c ${line}`
  if (exitCode !== 0) throw new Error(`this failed (${exitCode}): ${line}: ${stderr.trim().split('\n').at(-1)}`)
  return stderr
}

/**
 * Runs make, its output going where ours goes, as a user would: nothing of a make around it reaches it.
 * @param env what its environment has besides ours
 * @throws Error in one sentence where it fails
 */
export async function make(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const options = { quiet: true, nothrow: true, stdio: 'inherit', env: { ...outsideMake(), ...env } } as const
  const { exitCode } = await $(options)`make ${args}`
  if (exitCode !== 0) throw new Error(`make ${args[0]} failed`)
}

/**
 * Runs a program by the user's own launcher, whose text is read as a shell reads it; the output goes where ours goes.
 * @returns its exit status
 */
export async function launch(launcher: string, program: readonly string[]): Promise<number | null> {
  const env = withoutRank(withoutParents(outsideMake()))
  const { exitCode } = await $({
    quiet: true,
    nothrow: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  })`bash --norc -c ${`${launcher} "$@"`} LAUNCHER ${program}`
  return exitCode
}

/**
 * Runs make likewise, and says itself what that says; of standard error only where that is a terminal, which may show a
 * view: elsewhere it is told even if this process dies.
 * @returns its exit status
 */
export async function relayMake(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const error = process.stderr.isTTY ? 'pipe' : 'inherit'
  const stdio = ['inherit', 'pipe', error] as const
  const options = { quiet: true, nothrow: true, stdio: [...stdio], env: { ...outsideMake(), ...env } }
  const running = $(options)`make ${args}`
  const relayed = [relay(running.stdout, print), error === 'pipe' && relay(running.stderr, printError)]
  const { exitCode } = await running
  await Promise.all(relayed)
  return exitCode ?? 1
}

async function relay(stream: Readable, tell: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) tell(line)
}

/** The `-j` that the make around us was given, as an argument for another; none where it was given none. */
export function jobsFlag(flags = process.env.MAKEFLAGS ?? ''): string[] {
  // After the dashes come the settings, whose values may look like anything.
  return /(?:^| )(-j\d*)(?= |$)/.exec(flags.split(' -- ')[0] ?? '')?.slice(1) ?? []
}

/** Whether a program is on the PATH. */
export async function has(program: string): Promise<boolean> {
  return (await which(program, { nothrow: true })) !== null
}

/** Installs a package of Debian's, where that can be had without asking; tells whether it tried. */
export async function aptInstall(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !(await has('apt-get'))) return false
  await run('apt-get', ['-qq', 'update'])
  await run('apt-get', ['-qq', '-y', 'install', name])
  return true
}

/** What the clipboard holds, by the first program there is that can tell. */
export async function clipboard(): Promise<string> {
  for (const [program = '', ...args] of CLIPBOARDS) {
    if (!(await has(program))) continue
    const output = await run(program, args)
    if (output.exitCode === 0) return output.stdout
  }
  const programs = CLIPBOARDS.map(([program]) => program).join(', ')
  throw new Error(
    `no program here gives the clipboard (tried ${programs}): save the table to a file and give LISTING=that`,
  )
}

const CLIPBOARDS = [
  ['pbpaste'],
  ['wl-paste', '--no-newline'],
  ['xclip', '-selection', 'clipboard', '-out'],
  ['xsel', '--clipboard', '--output'],
]

/** The environment without what a make around us put there. */
function outsideMake(): NodeJS.ProcessEnv {
  const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...env } = process.env
  return env
}
