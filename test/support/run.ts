import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { SETTINGS } from '../../lib/settings.ts'

export const PROJECT = join(import.meta.dirname, '../..')

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly env?: Record<string, string>
  readonly input?: string
  /** Leaves standard input open. */
  readonly keepInput?: boolean
  /** Default: the project's folder. */
  readonly cwd?: string
  /** Called with each piece of standard output. */
  readonly onOut?: (text: string) => void
  /** Whether the program leads its own process group. */
  readonly detached?: boolean
}

/** A program that was started. */
export interface Running {
  readonly child: ChildProcess
  /** Resolves once every process has ended that writes to its standard output. */
  readonly ran: Promise<Ran>
}

/** A program that runs longer than this hangs, in ms: it is killed, so that its test fails with its output. */
const TIME_LIMIT = 10 * 60_000

/** Runs a program without settings, an enclosing make or colours in its environment. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return start(program, args, options).ran
}

/** Starts a program like `run`, without waiting for its end. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const { env = {}, input = '', keepInput = false, cwd = PROJECT, detached = false, onOut } = options
  const child = spawn(program, args, { cwd, detached, env: { ...cleanEnvironment(), ...env } })
  if (onOut) child.stdout.setEncoding('utf8').on('data', onOut)
  child.stdin.on('error', () => {}) // It may end without reading all of it.
  const timer = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT)
  child.once('exit', () => clearTimeout(timer))
  if (!keepInput) child.stdin.end(input)
  const all = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { child, ran: all.then(([out, err, [status]]) => ({ status, out, err })) }
}

export function runScript(name: string, env: Record<string, string>, args: string[] = [], input = ''): Promise<Ran> {
  return run('node', [`.build/${name}.js`, ...args], { env, input })
}

export function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  // Node also shows fewer colours if CI is set: https://nodejs.org/api/tty.html#writestreamgetcolordepthenv
  const colours = ['NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR', 'CI']
  const others = ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEFILES', 'NODE_TEST_CONTEXT', 'DEBUG', ...colours]
  for (const name of [...Object.keys(SETTINGS), ...others]) delete env[name]
  return env
}

/**
 * Waits until a condition holds while a program runs.
 * @throws Error with its output if it ends first
 */
export async function untilHolds({ ran }: Running, condition: () => unknown): Promise<void> {
  let ended: Ran | undefined
  ran.then(result => {
    ended = result
  })
  while (!(await condition())) {
    if (ended) throw new Error(`it ended before the condition held: ${JSON.stringify(ended)}`)
    await sleep(20)
  }
}
