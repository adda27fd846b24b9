import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listNames } from '../../lib/core/files.ts'
import { Paths } from '../../lib/paths.ts'
import { temporaryFolder } from './folder.ts'
import { bytesBelow, differing } from './lake-bytes.ts'
import { type Running, start } from './run.ts'

/** So few alerts a file make a large night slow, and let a kill find it half way. */
const SETTINGS = ['WORKERS=1', 'ALERTS_PER_FILE=3']

/** A data folder with the tarballs of another, and make at work on it. */
export class Machines {
  readonly paths: Paths
  private readonly folder: string
  private readonly env: Record<string, string>

  /** @param env what launchers need to know */
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

  /** Asserts that a run ends well. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { status, out, err } = await this.start(...args).ran
    assert.equal(status, 0, `${out}${err}`)
    return out
  }

  /** Waits until a night is on its way: some of its files are there, and many are not. */
  async halfWay(stem: string): Promise<void> {
    for (;;) {
      const [building] = (await listNames(this.paths.staging)).filter(name => name.startsWith(`${stem}.`))
      if (building && (await listNames(join(this.paths.staging, building))).length > 5) return
      await sleep(20)
    }
  }

  lake(): Promise<Map<string, string>> {
    return bytesBelow(this.paths.lake)
  }

  /** Asserts that the lake is another's, byte for byte, with nothing beside it and no lock left. */
  async hasLake(expected: ReadonlyMap<string, string>): Promise<void> {
    assert.deepEqual(differing(await this.lake(), expected), [])
    assert.deepEqual(await listNames(join(this.paths.data, 'lock')), [])
    await this.succeed('check')
  }
}

/** How many nights the last line says are in the lake. */
export function sumIn(out: string): number {
  return Number(/^(\d+) nights? into the lake, /m.exec(out)?.[1] ?? 0)
}

/** The numbers of the tasks that have said what they have to do. */
export function tasksIn(out: string): number[] {
  return [...out.matchAll(/^task (\d) of \d on /gm)].map(([, task]) => Number(task)).sort()
}
