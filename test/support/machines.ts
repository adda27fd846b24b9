import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { listNames } from '../../lib/core/files.ts'
import { Paths } from '../../lib/paths.ts'
import { temporaryFolder } from './folder.ts'
import { bytesBelow, differing } from './lake-bytes.ts'
import { type Running, start, untilHolds } from './run.ts'

/** So few alerts per file make a large night slow, so that a test can disturb its conversion. */
const SETTINGS = ['WORKERS=1', 'ALERTS_PER_FILE=3']

/** A data folder with copies of tarballs, and runs of make that work on it. */
export class Machines {
  readonly paths: Paths
  private readonly folder: string
  private readonly env: Record<string, string>

  /** @param env environment for launchers */
  constructor(folder: string, env: Record<string, string> = {}) {
    this.folder = folder
    this.env = env
    this.paths = new Paths(join(folder, 'data'))
  }

  static async with(t: TestContext, tarballs: string, env: Record<string, string> = {}): Promise<Machines> {
    const machines = new Machines(await temporaryFolder(t), env)
    await cp(tarballs, machines.paths.tarballs, { recursive: true })
    return machines
  }

  start(...args: readonly string[]): Running {
    const folders = [`DATA=${this.paths.data}`, `URIS=${join(this.folder, 'uris')}`]
    return start('make', [...folders, ...SETTINGS, ...args], { env: this.env, detached: true })
  }

  /** Runs make, asserts that it succeeds, and returns its output. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { status, out, err } = await this.start(...args).ran
    assert.equal(status, 0, `${out}${err}`)
    return out
  }

  /** Waits until a night is half converted: some of its files exist, and many are still to be written. */
  async waitUntilHalfDone(running: Running, stem: string): Promise<void> {
    const { staging } = this.paths
    await untilHolds(running, async () => {
      const folders = (await listNames(staging)).filter(
        name => name.startsWith(`${stem}.`) && !name.includes('progress'),
      )
      const files = await Promise.all(folders.map(name => listNames(join(staging, name))))
      return files.some(names => names.length > 5)
    })
  }

  lake(): Promise<Map<string, string>> {
    return bytesBelow(this.paths.lake)
  }

  /** Asserts that the lake has exactly the expected bytes, and that no lock is left. */
  async hasLake(expected: ReadonlyMap<string, string>): Promise<void> {
    assert.deepEqual(differing(await this.lake(), expected), [])
    assert.deepEqual(await listNames(join(this.paths.data, 'lock')), [])
    await this.succeed('check')
  }
}

/** Number of nights in the closing line of a run. */
export function nightsIn(out: string): number {
  return Number(/^(\d+) nights? into the lake, /m.exec(out)?.[1] ?? 0)
}

/** Numbers of the tasks that have begun. */
export function tasksIn(out: string): number[] {
  return [...out.matchAll(/^task (\d) of \d on /gm)].map(([, task]) => Number(task)).sort()
}
