import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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
  /** Leaves its standard input open. */
  readonly keepInput?: boolean
  readonly cwd?: string
  /** Is told what comes on standard output, when it comes. */
  readonly onOut?: (text: string) => void
  /** Leads a process group of its own. */
  readonly detached?: boolean
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess
  /** Waits until the last process has ended that holds its standard output. */
  readonly ran: Promise<Ran>
}

/**
 * Runs a program in the project's folder, with no setting in its environment, nothing of a make around us, and nothing
 * about colours.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return start(program, args, options).ran
}

/** Starts a program likewise. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const { env = {}, input = '', keepInput = false, cwd = PROJECT, detached = false, onOut } = options
  const child = spawn(program, args, { cwd, detached, env: { ...cleanEnvironment(), ...env } })
  if (onOut) child.stdout.setEncoding('utf8').on('data', onOut)
  child.stdin.on('error', () => {}) // It may end without reading it all.
  if (!keepInput) child.stdin.end(input)
  const all = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { child, ran: all.then(([out, err, [status]]) => ({ status, out, err })) }
}

export function runScript(name: string, env: Record<string, string>, args: string[] = [], input = ''): Promise<Ran> {
  return run('node', [`.build/${name}.js`, ...args], { env, input })
}

export function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  // Node also shows fewer colours where CI is set: https://nodejs.org/api/tty.html#writestreamgetcolordepthenv
  const colours = ['NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR', 'CI']
  const others = ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEFILES', 'NODE_TEST_CONTEXT', 'DEBUG', ...colours]
  for (const name of [...Object.keys(SETTINGS), ...others]) delete env[name]
  return env
}
