import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { $, type ProcessOutput, which } from 'zx'
import { printError } from './console.ts'

/**
 * Starts a program. zx quotes the arguments, so that untrusted text cannot become a command. Its default shell, bash, would
 * run the file that BASH_ENV names, whose output would become the program's.
 */
const start = $({
  quiet: true,
  nothrow: true,
  shell: '/bin/sh',
  prefix: 'exec ',
  quote: text => `'${text.replaceAll("'", `'\\''`)}'`,
})

/** Runs a program and captures its output. */
export async function run(program: string, args: readonly string[]): Promise<ProcessOutput> {
  return start({ stdio: ['ignore', 'pipe', 'pipe'] })`${program} ${args}`
}

/**
 * Runs a program like `run`. The system ends it with SIGXFSZ when a file that it writes becomes larger than `maxBytes`,
 * at the next multiple of 512 bytes, which is the unit of ulimit in sh.
 */
export async function runWithFileLimit(
  maxBytes: number,
  program: string,
  args: readonly string[],
): Promise<ProcessOutput> {
  const blocks = String(Math.floor(maxBytes / 512) + 1)
  // If the limit cannot be set, a lower one of the user's applies already. SIGXFSZ would also leave a core file.
  const line = 'ulimit -S -f "$0" 2>/dev/null; ulimit -c 0; exec "$@"'
  return run('/bin/sh', ['-c', line, blocks, program, ...args])
}

/**
 * Runs a trusted command line in bash.
 * @returns its standard error
 * @throws Error if it fails
 */
export async function bash(line: string): Promise<string> {
  const { exitCode, stderr } = await start({ env: outsideMake() })`bash --norc -euo pipefail -c ${line}`
  if (exitCode !== 0) throw new Error(`this failed (${exitCode}): ${line}: ${stderr.trim().split('\n').at(-1)}`)
  return stderr
}

/**
 * Runs a program with this process's input and output, but without the variables of an enclosing make.
 * @param env variables to add to the environment
 * @returns its exit status; null if it was killed by a signal
 */
export async function runVisibly(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<number | null> {
  const { exitCode } = await start({ stdio: 'inherit', env: { ...outsideMake(), ...env } })`${program} ${args}`
  return exitCode
}

/**
 * Runs a program with the user's launcher, a bash command line such as `srun -N4 -n4`. Both inherit this process's
 * output.
 * @param env complete environment of the launcher
 * @returns the launcher's exit status; null if it was killed by a signal
 */
export async function launch(
  launcher: string,
  program: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number | null> {
  const line = `${launcher} "$@"`
  const { exitCode } = await start({
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  })`bash --norc -c ${line} LAUNCHER ${program}`
  return exitCode
}

/**
 * Runs a program and passes its standard output to `onLine`, line by line. Standard error is relayed only on a
 * terminal, to keep it above the live display. Elsewhere it is inherited, so that it is not lost if this process dies.
 * @param env variables to add to the environment
 * @returns its exit status, after its output has been relayed; null if it was killed by a signal
 */
export async function relay(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<number | null> {
  const stderr = process.stderr.isTTY ? 'pipe' : 'inherit'
  const running = start({
    stdio: ['inherit', 'pipe', stderr],
    env: { ...outsideMake(), ...env },
  })`${program} ${args}`
  const relayed = [relayLines(running.stdout, onLine), stderr === 'pipe' && relayLines(running.stderr, printError)]
  const { exitCode } = await running
  await Promise.all(relayed)
  return exitCode
}

async function relayLines(stream: Readable, printLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) printLine(line)
}

/** Whether a program is on the PATH. */
export async function has(program: string): Promise<boolean> {
  return (await which(program, { nothrow: true })) !== null
}

/** Installs a Debian package if this process runs as root and apt-get exists; returns whether it tried. */
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

/** Text on the clipboard, read with the first program in `CLIPBOARD_READERS` that works. */
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
