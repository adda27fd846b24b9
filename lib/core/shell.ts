import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { $, type ProcessOutput, which } from 'zx'
import { print, printError } from './console.ts'

// All programs run through zx, which passes arguments as they are: no text from outside becomes a command.

/** Runs a program silently; the result has its exit code and output. */
export async function run(program: string, args: readonly string[]): Promise<ProcessOutput> {
  return $({ quiet: true, nothrow: true, stdio: ['ignore', 'pipe', 'pipe'] })`${program} ${args}`
}

/**
 * Runs a command line of this project in bash.
 * @returns its standard error
 * @throws Error if it fails
 */
export async function bash(line: string): Promise<string> {
  const options = { quiet: true, nothrow: true, env: outsideMake() } as const
  const { exitCode, stderr } = await $(options)`bash --norc -euo pipefail -c ${line}`
  if (exitCode !== 0) throw new Error(`this failed (${exitCode}): ${line}: ${stderr.trim().split('\n').at(-1)}`)
  return stderr
}

/**
 * Runs a program with this process's terminal, as a user would: nothing of an enclosing make reaches it.
 * @param env added to the environment
 * @returns its exit status
 */
export async function runVisibly(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const options = { quiet: true, nothrow: true, stdio: 'inherit', env: { ...outsideMake(), ...env } } as const
  const { exitCode } = await $(options)`${program} ${args}`
  return exitCode ?? 1
}

/**
 * Runs the user's own launcher, whose text bash reads, with a program to start. Its output goes to ours.
 * @param env the whole environment
 * @returns its exit status
 */
export async function launch(
  launcher: string,
  program: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  const options = { quiet: true, nothrow: true, stdio: ['ignore', 'inherit', 'inherit'], env } as const
  const { exitCode } = await $({
    ...options,
    stdio: [...options.stdio],
  })`bash --norc -c ${`${launcher} "$@"`} LAUNCHER ${program}`
  return exitCode
}

/**
 * Runs a program and passes its output line by line to `onLine`; with `print` a live display stays below. Standard
 * error is relayed on a terminal only: elsewhere it must arrive even if this process dies.
 * @returns its exit status, once all processes have ended that write to its standard output
 */
export async function relay(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onLine: (line: string) => void = print,
): Promise<number> {
  const error = process.stderr.isTTY ? 'pipe' : 'inherit'
  const running = $({
    quiet: true,
    nothrow: true,
    stdio: ['inherit', 'pipe', error],
    env: { ...outsideMake(), ...env },
  })`${program} ${args}`
  const relayed = [relayLines(running.stdout, onLine), error === 'pipe' && relayLines(running.stderr, printError)]
  const { exitCode } = await running
  await Promise.all(relayed)
  return exitCode ?? 1
}

async function relayLines(stream: Readable, printLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) printLine(line)
}

/** Whether a program is on the PATH. */
export async function has(program: string): Promise<boolean> {
  return (await which(program, { nothrow: true })) !== null
}

/** Installs a Debian package if this is root on a system with apt-get; returns whether it tried. */
export async function aptInstall(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !(await has('apt-get'))) return false
  await run('apt-get', ['-qq', 'update'])
  await run('apt-get', ['-qq', '-y', 'install', name])
  return true
}

const CLIPBOARD_READERS = [
  ['pbpaste'],
  ['wl-paste', '--no-newline'],
  ['xclip', '-selection', 'clipboard', '-out'],
  ['xsel', '--clipboard', '--output'],
]

/** Text of the clipboard, from the first of the usual programs that is installed. */
export async function clipboard(): Promise<string> {
  for (const [program = '', ...args] of CLIPBOARD_READERS) {
    if (!(await has(program))) continue
    const output = await run(program, args)
    if (output.exitCode === 0) return output.stdout
  }
  const programs = CLIPBOARD_READERS.map(([program]) => program).join(', ')
  throw new Error(
    `no program here can read the clipboard (tried ${programs}): save the table as a file and give LISTING=FILE`,
  )
}

/** This process's environment without the variables of an enclosing make. */
export function outsideMake(): NodeJS.ProcessEnv {
  const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...env } = process.env
  return env
}
