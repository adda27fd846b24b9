import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { statOptional } from '../../lib/core/files.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { Paths } from '../../lib/paths.ts'
import type { Random } from '../../lib/synthetic/random.ts'
import { type Archive, startArchive } from './archive.ts'
import { nightOf } from './data-folder.ts'
import { tablesOf } from './index-lake.ts'
import { bytesBelow, differing } from './lake-bytes.ts'
import { isInUse, kill, VICTIMS, type Victim } from './processes.ts'
import { cleanEnvironment, PROJECT } from './run.ts'

/** A way to make the lake: calls of make, one after the other, each until it succeeds. */
export interface Mode {
  readonly steps: readonly (readonly string[])[]
  /** Changes the data folder or the archive's tarballs before the last step. */
  readonly beforeLast?: (paths: Paths, nights: Map<string, Buffer>) => Promise<void> | void
  readonly settings: readonly string[]
}

/** Runs of one step, after which it counts as not coming to an end. */
const MAX_RUNS = 200
/** Time added to the moment of a kill, in ms, because a run that takes over a killed one's lock first waits for seconds. */
const GRACE = 3500
/** A run that takes longer than undisturbed plus this hangs, in ms. */
const TIME_LIMIT = 5 * 60_000

/** Repeats a mode in rounds, from nothing to the lake, and kills processes at random moments. */
export class Torture {
  private readonly archive: Archive
  private readonly folder: string
  private readonly mode: Mode
  private readonly random: Random
  /** The archive's tarballs by name at the start of a round. */
  private readonly original: ReadonlyMap<string, Buffer>
  /** The archive's tarballs by name. */
  private readonly nights: Map<string, Buffer>
  /** Tarballs that were requested although they were on disk or in the lake. */
  private readonly repeated: string[] = []
  /** Number of kills by victim. */
  readonly kills = Object.fromEntries(VICTIMS.map(victim => [victim, 0])) as Record<Victim, number>
  rounds = 0

  static async open(
    folder: string,
    original: ReadonlyMap<string, Buffer>,
    mode: Mode,
    random: Random,
    bytesPerSecond: number,
  ): Promise<Torture> {
    const nights = new Map(original)
    const archive = await startArchive(nights)
    archive.bytesPerSecond = bytesPerSecond
    return new Torture(archive, folder, nights, mode, random)
  }

  private constructor(archive: Archive, folder: string, nights: Map<string, Buffer>, mode: Mode, random: Random) {
    this.archive = archive
    this.folder = folder
    this.original = new Map(nights)
    this.nights = nights
    this.mode = mode
    this.random = random
  }

  async close(): Promise<void> {
    await this.archive.close()
  }

  /** Kills at least `kills` times, and compares the result of each round with that of an undisturbed run. */
  async run(kills: number): Promise<void> {
    const { durations, expected } = await this.undisturbed()
    while (this.total < kills) await this.round(durations, expected, kills)
  }

  get total(): number {
    return VICTIMS.reduce((sum, victim) => sum + this.kills[victim], 0)
  }

  private async undisturbed() {
    const data = join(this.folder, 'undisturbed')
    assert.equal(await this.make(data, ['uris']), 0, await this.logEnd(data))
    const durations: number[] = []
    for (const [i, step] of this.mode.steps.entries()) {
      await this.prepare(data, i)
      const began = performance.now()
      assert.equal(await this.make(data, step), 0, await this.logEnd(data))
      durations.push(performance.now() - began)
    }
    return { durations, expected: await contentsOf(data) }
  }

  /** @param durations of the undisturbed steps, in ms */
  private async round(durations: readonly number[], expected: Contents, kills: number): Promise<void> {
    const data = join(this.folder, `round-${++this.rounds}`)
    for (const [name, bytes] of this.original) this.nights.set(name, bytes)
    this.watchRequests(new Paths(data))
    assert.equal(await this.make(data, ['uris']), 0, await this.logEnd(data))
    for (const [i, step] of this.mode.steps.entries()) {
      await this.prepare(data, i)
      const run = (wait: number) => this.disturbed(data, step, wait + (durations[i] as number), kills)
      for (let runs = 0; (await run(runs === 0 ? 0 : GRACE)) !== 0; runs++)
        assert.ok(runs < MAX_RUNS, `make ${step.join(' ')} does not come to an end: ${await this.logEnd(data)}`)
    }
    // The processes of a killed run notice within a second or two. One that never ends makes this test hang.
    while (isInUse(data)) await sleep(100)
    const found = await contentsOf(data)
    assert.deepEqual(differing(found.bytes, expected.bytes), [], `the lake of round ${this.rounds}`)
    assert.deepEqual(found.names, expected.names, `the files of round ${this.rounds}`)
    assert.deepEqual(this.repeated, [], 'downloaded although it was on disk or in the lake')
  }

  private async prepare(data: string, step: number): Promise<void> {
    if (step === this.mode.steps.length - 1) await this.mode.beforeLast?.(new Paths(data), this.nights)
  }

  /** Runs a step and kills victims while it runs, if kills are left; returns make's status, null if it was killed. */
  private async disturbed(data: string, step: readonly string[], duration: number, kills: number) {
    return this.make(data, step, async (pid, ended) => {
      let runs = true
      ended.then(() => {
        runs = false
      })
      while (runs && this.total < kills) await this.killOnce(pid, duration, ended, () => runs)
    })
  }

  /** Kills one victim at a random moment, unless the run ends before. */
  private async killOnce(pid: number, duration: number, ended: Promise<unknown>, runs: () => boolean): Promise<void> {
    const [moment, victim] = [this.random.between(0, duration), this.random.pick(VICTIMS)]
    const choose = <T>(values: readonly T[]): T => this.random.pick(values)
    await Promise.race([sleep(moment), ended])
    // The victim may not have started yet.
    while (runs() && !kill(pid, victim, choose)) await Promise.race([sleep(50), ended])
    if (runs()) this.kills[victim]++
  }

  /** Notices requests for tarballs whose current revision is on disk or in the lake. Revisions differ in size. */
  private watchRequests(paths: Paths): void {
    this.repeated.length = 0
    for (const name of this.nights.keys()) {
      const night = nightOf(name)
      const before = async () => {
        const [tarball, manifest] = await Promise.all([statOptional(paths.tarball(night)), readManifest(paths, night)])
        if ([tarball?.size, manifest?.tarballBytes].includes(this.nights.get(name)?.length)) this.repeated.push(name)
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
    // A terminal or a batch system kills a process group.
    const options = { cwd: PROJECT, env: cleanEnvironment(), detached: true } as const
    const child = spawn('make', [...step, ...settings], { ...options, stdio: ['ignore', log.fd, log.fd] })
    const ended = once(child, 'exit')
    let hangs = false
    const timer = setTimeout(() => {
      hangs = true
      process.kill(-(child.pid as number), 'SIGKILL')
    }, TIME_LIMIT)
    await disturb?.(child.pid as number, ended)
    const [status] = await ended
    clearTimeout(timer)
    await log.close()
    assert.ok(!hangs, `make ${step.join(' ')} hangs: ${await this.logEnd(data)}`)
    return status
  }

  private async logEnd(data: string): Promise<string> {
    return (await readFile(`${data}.log`, 'utf8')).split('\n').slice(-20).join('\n')
  }
}

interface Contents {
  /** Of the lake, the candidates table and the index. */
  readonly bytes: Map<string, string>
  /** All files in the data folder and the lists, and everything in staging; not `runs.jsonl`, which has finished runs only. */
  readonly names: string[]
}

async function contentsOf(data: string): Promise<Contents> {
  const names: string[] = []
  for (const folder of [data, `${data}-uris`])
    for (const name of await readdir(folder, { recursive: true }))
      if (name !== 'runs.jsonl' && ((await stat(join(folder, name))).isFile() || name.includes('/_staging/')))
        names.push(name)
  const paths = new Paths(data)
  return { bytes: new Map([...(await bytesBelow(paths.lake)), ...(await tablesOf(paths))]), names: names.sort() }
}
