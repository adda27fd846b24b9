import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { cleanEnvironment, PROJECT } from './run.ts'

const SCRIPTS = join(PROJECT, 'test/python')
const PYTHON = join(PROJECT, 'data/venv/bin/python')

/** A running script of test/python. */
export interface PythonScript {
  /** Ends the script's input, for which it waits; returns the JSON that it then prints. */
  end(): Promise<unknown>
}

/** Runs a script; returns the JSON that it prints. */
export async function runPython(script: string, ...args: string[]): Promise<unknown> {
  return start(script, args).json()
}

/** Starts a script that runs until its input ends, and waits until it prints that it is ready. */
export async function startPython(script: string, ...args: string[]): Promise<PythonScript> {
  const { child, json } = start(script, args)
  const printed = json()
  const end = () => {
    child.stdin.end()
    return printed
  }
  // `printed` rejects if the script fails first.
  await Promise.race([once(child.stdout, 'data'), printed])
  return { end }
}

function start(script: string, args: readonly string[]) {
  // Python must not leave compiled files in test/python.
  const env = { ...cleanEnvironment(), PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(PYTHON, [join(SCRIPTS, script), ...args], { env })
  child.stdin.on('error', () => {}) // It may have exited.
  const errors = text(child.stderr)
  const json = async () => {
    const [out, err] = await Promise.all([text(child.stdout), errors, child.exitCode ?? once(child, 'close')])
    if (child.exitCode !== 0) throw new Error(`${script} failed (${child.exitCode}): ${err.slice(-3000)}`)
    return JSON.parse(out.replace(/^ready\n/, '')) as unknown
  }
  return { child, json }
}
