import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { cleanEnvironment, PROJECT } from './run.ts'

const MODULES = join(PROJECT, 'test/python')
const PYTHON = join(PROJECT, 'data/venv/bin/python')

/** A module of test/python at work. */
export interface Running {
  /** Ends its input, on which it waits; gives what it then prints. */
  end(): Promise<unknown>
}

/** Runs a module to its end; gives what it prints. */
export async function python(module: string, ...args: string[]): Promise<unknown> {
  const { json } = start(module, args)
  return json()
}

/** Starts a module that says a line when it is ready and goes on until its input ends; comes back at that line. */
export async function begin(module: string, ...args: string[]): Promise<Running> {
  const { child, json } = start(module, args)
  const printed = json()
  const end = () => {
    child.stdin.end()
    return printed
  }
  // Before that line it prints nothing, unless it fails.
  await Promise.race([once(child.stdout, 'data'), printed])
  return { end }
}

function start(module: string, args: readonly string[]) {
  // Nothing but the tests' own files is to be in their folder.
  const env = { ...cleanEnvironment(), PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(PYTHON, [join(MODULES, module), ...args], { env })
  child.stdin.on('error', () => {}) // It may have died.
  const errors = text(child.stderr)
  const json = async () => {
    const [out, err] = await Promise.all([text(child.stdout), errors, child.exitCode ?? once(child, 'close')])
    if (child.exitCode !== 0) throw new Error(`${module} failed (${child.exitCode}): ${err.slice(-3000)}`)
    return JSON.parse(out.replace(/^ready\n/, '')) as unknown
  }
  return { child, json }
}
