import { print } from '../core/console.ts'
import { mapLimit } from '../core/files.ts'
import { plural, showBytes, showSeconds } from '../core/units.ts'
import { checkIndex, type IndexFaults } from '../index/check.ts'
import { nightsInLake } from '../index/plan.ts'
import { checkTree, type TreeFaults } from '../lake/check-tree.ts'
import { assertRestorable, commonMetadataFault, rebuildCommonMetadata } from '../lake/common-metadata.ts'
import { type LakeColumns, readLakeColumns } from '../lake/lake-columns.ts'
import { lakeBytes, type Manifest, readManifest } from '../lake/manifest.ts'
import { addressesOf } from '../lake/moved.ts'
import { type Night, nightOfStem } from '../night.ts'
import { readEmptyClause } from '../nights/empty-nights.ts'
import { inLake } from '../nights/inventory.ts'
import { Paths } from '../paths.ts'
import { ProgressDisplay } from '../progress/display.ts'
import { NightsProgress } from '../progress/nights.ts'
import type { Settings } from '../settings.ts'
import type { Checked, CheckJob } from './check-worker.ts'
import { runPool } from './pool.ts'
import { WorkQueue } from './queue.ts'
import type { JobNight, Outcome } from './worker.ts'

/** Maximum number of faults listed in a night's line. */
const MAX_FAULTS_SHOWN = 3

/** Checks the selected nights in parallel. Prints a line for each night that fails, and a closing line. */
export class Verification {
  /** Stems of nights in which faults were found. */
  readonly failed: string[] = []
  /** Nights whose candidates file has faults, and can be made again from the lake. */
  readonly failedCandidates: Night[] = []
  /** Whether a comparison with a tarball has found faults in a night. Only DEEP=1 finds these again. */
  failedDeep = false
  /** Number of tarballs that are not the converted ones. */
  otherTarballs = 0
  /** Stems of nights that could not be checked. They may be intact. */
  readonly unchecked: string[] = []
  private readonly settings: Settings
  private readonly paths: Paths
  /** Manifests by stem; undefined if unreadable. */
  private readonly manifests = new Map<string, Manifest | undefined>()
  /** Number of nights compared with their tarballs. */
  private compared = 0
  /** The new columns of all nights, selected or not. */
  private readonly lake: LakeColumns

  private constructor(settings: Settings, lake: LakeColumns) {
    this.settings = settings
    this.paths = new Paths(settings.DATA)
    this.lake = lake
  }

  /** Reads the manifests of the selected nights, and the new columns of all. */
  static async begin(settings: Settings): Promise<Verification> {
    const paths = new Paths(settings.DATA)
    const verification = new Verification(settings, await readLakeColumns(paths, await nightsInLake(paths)))
    const nights = await inLake(verification.paths, settings.NIGHTS)
    const read = (night: Night) => readManifest(verification.paths, night).catch(() => undefined)
    for (const [i, manifest] of (await mapLimit(nights, read)).entries())
      verification.manifests.set((nights[i] as Night).stem, manifest)
    return verification
  }

  /** Number of nights to check. */
  private get nights(): number {
    return this.manifests.size
  }

  /** Throws if no night is selected that has a manifest or files. */
  async assertAny(incomplete: ReadonlySet<string>): Promise<void> {
    if (this.nights + incomplete.size > 0) return
    const reason = (await readEmptyClause(this.settings)) ?? 'is its disk mounted, and is NIGHTS right?'
    throw new Error(`${this.paths.lake} has none of the selected nights: ${reason}`)
  }

  /** Error in `_common_metadata`; undefined if there is none. */
  async commonMetadataFault(): Promise<string | undefined> {
    return commonMetadataFault(this.paths, this.lake.columns)
  }

  /** @throws Error if it cannot be made again from the files that are here */
  async rebuildCommonMetadata(): Promise<void> {
    await assertRestorable(this.paths, await nightsInLake(this.paths))
    await rebuildCommonMetadata(this.paths, this.lake.columns)
  }

  /** Searches the lake and the candidates table for files that are not in any manifest. */
  async checkTree(): Promise<TreeFaults> {
    return checkTree(this.paths, this.settings.NIGHTS, this.manifests)
  }

  /**
   * Checks every night, then the index. With DEEP, also compares each night with its tarball, if the tarball is on disk.
   *
   * @param otherFaults number of faults found elsewhere in the lake. If there are any, the closing line does not say
   *   `all intact`
   * @returns the faults of the index
   */
  async run(otherFaults = 0): Promise<IndexFaults> {
    const { DATA, NIGHTS, DEEP, WORKERS } = this.settings
    const began = performance.now()
    const queue = new WorkQueue<JobNight, CheckJob>({ data: DATA, deep: DEEP }, WORKERS)
    const bytesOf = (manifest: Manifest | undefined) => (manifest && !manifest.movedTo ? lakeBytes(manifest) : 0)
    const nights = [...this.manifests].map(([stem, manifest]) => ({ stem, bytes: bytesOf(manifest) }))
    const progress = new NightsProgress(this.paths, 'checking')
    const display = new ProgressDisplay(this.paths.progress('lake'), async () => [await progress.poll()])
    progress.add(nights)
    queue.add(nights)
    queue.close()
    await runPool('check', queue, WORKERS, async (outcome: Outcome<Checked>) => progress.end(this.record(outcome)))
    await display.end()
    const index = await checkIndex(this.paths, NIGHTS, WORKERS)
    for (const [path, fault] of index.damaged) print(`FAILED    ${path}  ${fault}`)
    for (const part of index.missing)
      print(`missing   ${part}  missing from the index or out of date: make index updates it`)
    const others =
      otherFaults + this.otherTarballs + this.failedCandidates.length + index.damaged.size + index.missing.length
    print(this.closingLine((performance.now() - began) / 1000, others))
    return index
  }

  /** Manifests of the nights whose files are here, or were moved. */
  private readable(isElsewhere: boolean): Manifest[] {
    return [...this.manifests.values()]
      .flatMap(manifest => manifest ?? [])
      .filter(({ movedTo }) => isElsewhere === (movedTo !== undefined))
  }

  /** Records the outcome of a night, and prints its faults. */
  private record(outcome: Outcome<Checked>): { stem: string; failed: boolean } {
    const { stem } = outcome
    const clash = this.lake.clashes.get(stem) ?? []
    const faults = 'error' in outcome ? [`it was not checked: ${outcome.error}`] : [...outcome.faults].concat(clash)
    const failed = faults.length > 0
    if ('error' in outcome) this.unchecked.push(stem)
    else {
      if (failed) this.failed.push(stem)
      this.recordParts(outcome)
    }
    const rest = faults.length - MAX_FAULTS_SHOWN
    const shown = [...faults.slice(0, MAX_FAULTS_SHOWN), ...(rest > 0 ? [`and ${rest} more`] : [])]
    if (failed) print(`FAILED    ${stem}  ${shown.join('; ')}`)
    return { stem, failed }
  }

  /** Records what was found in a night's candidates file and tarball, and prints the faults. */
  private recordParts({ stem, faults, candidates, compared, tarball }: Checked & { stem: string }): void {
    if (candidates.length > 0) {
      print(`FAILED    ${candidates[0]}`)
      this.failedCandidates.push(nightOfStem(stem) as Night)
    }
    if (compared) {
      this.compared++
      // If other faults had been found in its files, the night would not have been compared.
      this.failedDeep ||= faults.length > 0
    }
    if (tarball) {
      this.otherTarballs++
      print(`FAILED    ${tarball}`)
    }
  }

  private closingLine(seconds: number, otherFaults: number): string {
    const here = this.readable(false)
    const sum = (of: (manifest: Manifest) => number) => here.reduce((total, night) => total + of(night), 0)
    const [alerts, bytes] = [sum(({ alerts }) => alerts), sum(lakeBytes)]
    const failed = this.failed.length + this.unchecked.length
    const verdict =
      failed > 0 ? `${plural(failed, 'night')} failed` : otherFaults > 0 ? 'these are intact' : 'all intact'
    return (
      `${plural(this.nights, 'night')}, ${plural(alerts, 'alert')}, ${showBytes(bytes)} ` +
      `checked in ${showSeconds(seconds)} (${showBytes(Math.round(bytes / seconds))}/s)` +
      `${this.settings.DEEP ? `, ${this.compared} of them against their tarballs` : ''}: ${verdict}${this.movedRemark()}`
    )
  }

  /** Says how many nights are not here, and how to check them. */
  private movedRemark(): string {
    const moved = this.readable(true).map(summary => ({ summary }))
    const remarks = addressesOf(moved).map(address => {
      const count = moved.filter(({ summary }) => summary.movedTo === address).length
      const [verb, them] = count === 1 ? ['was', 'it'] : ['were', 'them']
      return `; ${count} of them ${verb} moved to ${address}: make check AT=${address} checks ${them} there`
    })
    return remarks.join('')
  }
}
