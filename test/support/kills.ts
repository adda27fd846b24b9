import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Paths } from '../../lib/paths.ts'
import type { Random } from '../../lib/synthetic/random.ts'
import { type Archive, startArchive } from '../../lib/synthetic/server.ts'
import { nightOf } from './data-folder.ts'
import { bytesBelow, differing } from './lake-bytes.ts'
import { kill, VICTIMS, type Victim } from './processes.ts'
import { cleanEnvironment, PROJECT } from './run.ts'

/** What is run and killed: makes one after the other, each until it succeeds. */
export interface Mode {
  readonly steps: readonly (readonly string[])[]
  readonly settings: readonly string[]
}

/** How long a step takes that nobody disturbs, in ms. */
type Lengths = readonly number[]

/** Reruns after the last kill may still find what it broke, but not without end. */
const MOST_RUNS = 200
/** After a kill a run waits some seconds for what the killed one left running, in ms. */
const GRACE = 3500

/** Runs a mode in rounds, each in a folder of its own from nothing to the lake, killing on the way. */
export class Torture {
  private readonly archive: Archive
  private readonly folder: string
  private readonly mode: Mode
  private readonly random: Random
  private readonly names: readonly string[]
  /** What was asked of the archive although it was there already. */
  private readonly again: string[] = []
  /** How often each victim was killed. */
  readonly kills: Record<Victim, number> = { group: 0, make: 0, script: 0, worker: 0, aria2c: 0 }
  rounds = 0

  static async open(
    folder: string,
    nights: Map<string, Buffer>,
    mode: Mode,
    random: Random,
    bytesPerSecond: number,
  ): Promise<Torture> {
    const archive = await startArchive(nights)
    archive.bytesPerSecond = bytesPerSecond
    return new Torture(archive, folder, [...nights.keys()], mode, random)
  }

  private constructor(archive: Archive, folder: string, names: readonly string[], mode: Mode, random: Random) {
    this.archive = archive
    this.folder = folder
    this.names = names
    this.mode = mode
    this.random = random
  }

  async close(): Promise<void> {
    await this.archive.close()
  }

  /** Kills at least so many times, and compares what each round ends with to what an undisturbed run makes. */
  async run(kills: number): Promise<void> {
    const { lengths, expected } = await this.undisturbed()
    while (this.total < kills) await this.round(lengths, expected, kills)
  }

  get total(): number {
    return VICTIMS.reduce((sum, victim) => sum + this.kills[victim], 0)
  }

  private async undisturbed() {
    const data = join(this.folder, 'undisturbed')
    assert.equal(await this.make(data, ['uris']), 0, await this.said(data))
    const lengths: number[] = []
    for (const step of this.mode.steps) {
      const began = performance.now()
      assert.equal(await this.make(data, step), 0, await this.said(data))
      lengths.push(performance.now() - began)
    }
    return { lengths, expected: await contents(data) }
  }

  private async round(lengths: Lengths, expected: Contents, kills: number): Promise<void> {
    const data = join(this.folder, `round-${++this.rounds}`)
    this.watch(new Paths(data))
    assert.equal(await this.make(data, ['uris']), 0, await this.said(data))
    for (const [i, step] of this.mode.steps.entries()) {
      for (let runs = 0; (await this.disturbed(data, step, lengths[i] as number, kills)) !== 0; runs++)
        assert.ok(runs < MOST_RUNS, `make ${step.join(' ')} does not come to an end: ${await this.said(data)}`)
    }
    const found = await contents(data)
    assert.deepEqual(differing(found.lake, expected.lake), [], `the lake of round ${this.rounds}`)
    assert.deepEqual(found.names, expected.names, `what is there after round ${this.rounds}`)
    assert.deepEqual(this.again, [], 'fetched although it was on disk or in the lake')
  }

  /** Runs a step, and kills while there are kills left; gives make's status, null where it was killed itself. */
  private async disturbed(data: string, step: readonly string[], length: number, kills: number) {
    if (this.total >= kills) return this.make(data, step)
    const [moment, victim] = [this.random.between(0, length + GRACE), this.random.pick(VICTIMS)]
    return this.make(data, step, async (pid, ended) => {
      let runs = true
      ended.then(() => {
        runs = false
      })
      const choose = <T>(values: readonly T[]): T => this.random.pick(values)
      await Promise.race([sleep(moment), ended])
      // One that is not there yet is waited for.
      while (runs && !kill(pid, victim, choose)) await Promise.race([sleep(50), ended])
      if (runs) this.kills[victim]++
    })
  }

  /** Whoever asks for a night again that is there, whole, loses what has been done. */
  private watch(paths: Paths): void {
    this.again.length = 0
    for (const name of this.names) {
      const night = nightOf(name)
      const before = async () => {
        if (existsSync(paths.manifest(night)) || existsSync(paths.tarball(night))) this.again.push(name)
      }
      this.archive.faults.set(name, { before })
    }
  }

  private async make(
    data: string,
    step: readonly string[],
    disturb?: (pid: number, ended: Promise<unknown>) => Promise<void>,
  ): Promise<number | null> {
    const settings = [`DATA=${data}`, `URIS=${data}-uris`, `ARCHIVE=${this.archive.url}`, ...this.mode.settings]
    const log = await open(`${data}.log`, 'a')
    // In a group of its own, which is what a terminal or a batch system kills.
    const options = { cwd: PROJECT, env: cleanEnvironment(), detached: true } as const
    const child = spawn('make', [...step, ...settings], { ...options, stdio: ['ignore', log.fd, log.fd] })
    const ended = once(child, 'exit')
    await disturb?.(child.pid as number, ended)
    const [status] = await ended
    await log.close()
    return status
  }

  private async said(data: string): Promise<string> {
    return (await readFile(`${data}.log`, 'utf8')).split('\n').slice(-20).join('\n')
  }
}

interface Contents {
  readonly lake: Map<string, string>
  /** Every file below the data folder and the lists, and what is being built. */
  readonly names: string[]
}

async function contents(data: string): Promise<Contents> {
  const names: string[] = []
  for (const folder of [data, `${data}-uris`])
    for (const name of await readdir(folder, { recursive: true }))
      if ((await stat(join(folder, name))).isFile() || name.includes('/_staging/')) names.push(name)
  return { lake: await bytesBelow(new Paths(data).lake), names: names.sort() }
}
