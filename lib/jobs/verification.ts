import { print } from '../core/console.ts'
import { mapLimit } from '../core/files.ts'
import { plural, showBytes, showSeconds } from '../core/units.ts'
import { checkTree, type TreeFaults } from '../lake/check-tree.ts'
import { commonFault, renewCommonColumns } from '../lake/common-metadata.ts'
import { lakeBytes, type Manifest, readManifest } from '../lake/manifest.ts'
import type { Night } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import { Paths } from '../paths.ts'
import { ProgressDisplay } from '../progress/display.ts'
import { NightsProgress } from '../progress/nights.ts'
import type { Settings } from '../settings.ts'
import type { Checked, CheckJob } from './check-worker.ts'
import { runPool } from './pool.ts'
import { WorkQueue } from './queue.ts'
import type { JobNight, Outcome } from './worker.ts'

/** How many of a night's faults are told. */
const MAX_FAULTS_SHOWN = 3

/** The selected nights of a lake, checked over all cores: a line for each that fails, and one for all at the end. */
export class Verification {
  /** Stems of the nights that are not as recorded. */
  readonly failed: string[] = []
  /** Stems of those that could not be checked, of which nothing is known. */
  readonly unchecked: string[] = []
  private readonly settings: Settings
  private readonly paths: Paths
  /** By stem; undefined where the night's manifest cannot be read. */
  private readonly manifests = new Map<string, Manifest | undefined>()
  private compared = 0

  private constructor(settings: Settings) {
    this.settings = settings
    this.paths = new Paths(settings.DATA)
  }

  static async begin(settings: Settings): Promise<Verification> {
    const checking = new Verification(settings)
    const nights = await inLake(checking.paths, settings.NIGHTS)
    const read = (night: Night) => readManifest(checking.paths, night).catch(() => undefined)
    for (const [i, manifest] of (await mapLimit(nights, read)).entries())
      checking.manifests.set((nights[i] as Night).stem, manifest)
    return checking
  }

  /** How many nights there are to check. */
  get nights(): number {
    return this.manifests.size
  }

  /** What is wrong with the lake's record of all columns, in half a sentence. */
  async commonFault(): Promise<string | undefined> {
    return commonFault(this.paths, this.readable)
  }

  /** Has that record made anew. */
  async renewCommon(): Promise<void> {
    await renewCommonColumns(this.paths, this.readable)
  }

  /** What lies in the lake and is in no manifest. */
  async unrecorded(): Promise<TreeFaults> {
    const files = [...this.manifests].map(
      ([stem, manifest]) => [stem, manifest && new Set(manifest.files.map(({ name }) => name))] as const,
    )
    return checkTree(this.paths, this.settings.NIGHTS, new Map(files))
  }

  /**
   * Checks all the nights; with DEEP against their tarballs too, where those are on disk.
   * @param others things that are wrong besides: the closing line is not to say that all is well
   */
  async run(others = 0): Promise<void> {
    const { DATA, DEEP, WORKERS } = this.settings
    const began = performance.now()
    const queue = new WorkQueue<JobNight, CheckJob>({ data: DATA, deep: DEEP }, WORKERS)
    const nights = [...this.manifests].map(([stem, manifest]) => ({ stem, bytes: manifest ? lakeBytes(manifest) : 0 }))
    const work = new NightsProgress(this.paths, 'checking')
    work.add(nights)
    const watch = new ProgressDisplay(this.paths.progress('lake'), async () => [await work.poll()])
    queue.add(nights)
    queue.close()
    await runPool('check', queue, WORKERS, async (outcome: Outcome<Checked>) => work.end(this.tell(outcome)))
    await watch.end()
    print(this.closingLine((performance.now() - began) / 1000, others))
  }

  private get readable(): Manifest[] {
    return [...this.manifests.values()].flatMap(manifest => manifest ?? [])
  }

  /** Says what is wrong with a night, if anything is. */
  private tell(outcome: Outcome<Checked>): { stem: string; failed: boolean } {
    const faults = 'error' in outcome ? [`it was not checked: ${outcome.error}`] : outcome.faults
    if ('error' in outcome) this.unchecked.push(outcome.stem)
    else if (faults.length > 0) this.failed.push(outcome.stem)
    if ('compared' in outcome && outcome.compared) this.compared++
    const more = faults.length > MAX_FAULTS_SHOWN ? [`and ${faults.length - MAX_FAULTS_SHOWN} more`] : []
    const failed = faults.length > 0
    if (failed) print(`FAILED    ${outcome.stem}  ${[...faults.slice(0, MAX_FAULTS_SHOWN), ...more].join('; ')}`)
    return { stem: outcome.stem, failed }
  }

  private closingLine(seconds: number, others: number): string {
    const manifests = this.readable
    const sum = (of: (manifest: Manifest) => number) => manifests.reduce((total, manifest) => total + of(manifest), 0)
    const [alerts, bytes] = [sum(({ alerts }) => alerts), sum(lakeBytes)]
    const wrong = this.failed.length + this.unchecked.length
    return (
      `${plural(this.manifests.size, 'night')}, ${plural(alerts, 'alert')}, ${showBytes(bytes)} ` +
      `checked in ${showSeconds(seconds)} (${showBytes(Math.round(bytes / seconds))}/s)` +
      `${this.settings.DEEP ? `, ${this.compared} of them against their tarballs` : ''}: ` +
      `${wrong > 0 ? `${plural(wrong, 'night')} failed` : others > 0 ? 'these are as recorded' : 'all as recorded'}`
    )
  }
}
