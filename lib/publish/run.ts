import { print } from '../core/console.ts'
import { describeError } from '../core/errors.ts'
import { mapLimit } from '../core/files.ts'
import { limiter } from '../core/limit.ts'
import { plural, showBytes, showSeconds, someOf } from '../core/units.ts'
import { nightsInLake } from '../index/plan.ts'
import { inspectManifest, type Manifest, readManifest } from '../lake/manifest.ts'
import { moveAway } from '../lake/move-away.ts'
import type { Night } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import { Paths } from '../paths.ts'
import type { Settings } from '../settings.ts'
import { attempts } from './attempt.ts'
import { Copier } from './copier.ts'
import { readDamaged, writeDamaged } from './damage.ts'
import { FolderTarget } from './folder.ts'
import { bytesOf, filesOf } from './layout.ts'
import { NightPublisher } from './night-publisher.ts'
import { openTarget } from './open-target.ts'
import { assertNotOwn } from './own-folder.ts'
import { PublishProgress } from './progress.ts'
import { PublishedLake } from './published-lake.ts'
import { TablesPublisher } from './tables.ts'
import { STAGING, type Target, TargetUnusable } from './target.ts'

/**
 * Publishes nights as they are added, and at the end the index and the lists. With KEEP_LAKE=no, removes each night from the
 * lake once all of its files at the target have been verified; the caller must then hold the lake's lock.
 */
export class PublishRun {
  readonly progress = new PublishProgress()
  readonly lake: PublishedLake
  private readonly settings: Settings
  private readonly paths: Paths
  private readonly copier: Copier
  /** Paths of files at the target that a check has found damaged, and that have not been replaced yet. */
  private readonly damaged: Set<string>
  private readonly publisher: NightPublisher
  private readonly limit: ReturnType<typeof limiter>
  /** The last publication in each partition, which the next one waits for. */
  private readonly partitions = new Map<string, Promise<void>>()
  private readonly failed: string[] = []
  private readonly began = performance.now()
  private done = { nights: 0, files: 0, bytes: 0 }
  private moved = 0
  /** Stems of the nights that were moved to other targets and that this one lacks, by address. */
  private readonly elsewhere = new Map<string, Set<string>>()

  /**
   * Reads what is at the target TO.
   * @param jobs maximum number of files to copy at a time
   * @param given the target, if it is already open
   * @throws Error if TO is malformed, or the target cannot be read, or has lost everything
   */
  static async begin(settings: Settings, jobs: number, given?: Target): Promise<PublishRun> {
    const target = given ?? (await openTarget(settings.TO, settings.ENDPOINT))
    if (target instanceof FolderTarget) await assertNotOwn(target.address, settings.DATA)
    const attempt = attempts(line => print(`waiting   ${line}`))
    const lake = await PublishedLake.read(target, attempt)
    const paths = new Paths(settings.DATA)
    await assertHasMoved(paths, lake)
    const copier = new Copier(target, settings.DATA, jobs, attempt)
    return new PublishRun(settings, lake, copier, await readDamaged(paths, target.address), jobs)
  }

  private constructor(settings: Settings, lake: PublishedLake, copier: Copier, damaged: Set<string>, jobs: number) {
    this.settings = settings
    this.paths = new Paths(settings.DATA)
    this.lake = lake
    this.copier = copier
    this.damaged = damaged
    this.publisher = new NightPublisher(lake, copier)
    this.limit = limiter(jobs)
  }

  /**
   * The selected nights of the lake that the target lacks, or of which it has another revision or damaged files. With
   * KEEP_LAKE=no, also those that have to be removed here.
   */
  async pending(): Promise<Night[]> {
    const nights = await inLake(this.paths, this.settings.NIGHTS)
    const isPending = await mapLimit(nights, async night => {
      const manifest = await inspectManifest(this.paths, night)
      // Publishing a night with a broken manifest reports the error.
      return !(manifest && !(manifest instanceof Error) && this.isDone(night, manifest))
    })
    return nights.filter((_, i) => isPending[i])
  }

  private isDone(night: Night, manifest: Manifest): boolean {
    return this.isPublished(night, manifest) && !this.isToMove(manifest)
  }

  /** Whether to remove the night's files here once they are at the target. A night without alerts has none. */
  private isToMove({ files, movedTo }: Manifest): boolean {
    return this.settings.KEEP_LAKE === 'no' && movedTo === undefined && files.length > 0
  }

  private isPublished(night: Night, manifest: Manifest): boolean {
    const { movedTo, ...published } = manifest
    if (movedTo !== undefined && movedTo !== this.lake.target.address) {
      if (!this.lake.has(night, published)) this.recordElsewhere(movedTo, night)
      return true
    }
    return this.lake.has(night, manifest) && !filesOf(night, manifest).some(({ path }) => this.damaged.has(path))
  }

  private recordElsewhere(address: string, { stem }: Night): void {
    this.elsewhere.set(address, (this.elsewhere.get(address) ?? new Set()).add(stem))
  }

  /** Queues the nights that are not done yet. Does not wait until they are published. */
  async add(nights: readonly Night[]): Promise<void> {
    for (const night of nights) {
      const manifest = await inspectManifest(this.paths, night)
      const isBroken = !manifest || manifest instanceof Error
      if (!isBroken && this.isDone(night, manifest)) continue
      this.progress.add(night.stem, isBroken ? 0 : bytesOf(night, manifest))
      const previous = this.partitions.get(night.date) ?? Promise.resolve()
      this.partitions.set(
        night.date,
        previous.then(() => this.limit(() => this.publish(night))),
      )
    }
  }

  /**
   * Waits until all nights are published, then publishes the index and the lists. Prints the totals.
   * @returns parts of an error message; empty if everything is at the target
   */
  async end(): Promise<string[]> {
    await this.settle()
    const { unusable } = this.copier
    const tables = unusable ? undefined : await this.publishTables().catch(describeError)
    this.printTotals()
    if (unusable) return [unusable.message]
    const { failed } = this
    return [
      ...(failed.length > 0
        ? [`${plural(failed.length, 'night')} failed (${someOf(failed)}): run make publish again`]
        : []),
      ...[...this.elsewhere].map(
        ([address, stems]) =>
          `${plural(stems.size, 'night')} moved to ${address} cannot be published from here: ` +
          'copy them from there with a tool of the platform',
      ),
      ...(tables ? [`the index and the lists of files were not published: ${tables}`] : []),
    ]
  }

  /** Waits until the nights that have been added are published. */
  async settle(): Promise<void> {
    await Promise.all(this.partitions.values())
  }

  private async publishTables(): Promise<undefined> {
    const { paths, lake, copier, damaged, failed } = this
    await new TablesPublisher(paths, lake, copier, damaged).publish(this.settings.WORKERS)
    if (failed.length > 0) return
    if (copier.target.move && [...lake.sizes.keys()].some(path => path.startsWith(STAGING)))
      await copier.delete(STAGING)
    // Keep the notes about files of nights until these are published, because they may not be selected now.
    for (const path of damaged) if (!/^(lake|candidates)\/year=/.test(path)) damaged.delete(path)
    await writeDamaged(paths, lake.target.address, damaged)
  }

  /** Publishes a night, and prints how it ended. */
  private async publish(night: Night): Promise<void> {
    const { stem } = night
    if (this.copier.unusable) return
    let failure = 'it was not published'
    try {
      const began = performance.now()
      const manifest = await readManifest(this.paths, night)
      if (!manifest) throw new Error('it is not in the lake any more')
      const isNew = !this.isPublished(night, manifest)
      if (isNew) await this.publishFiles(night, manifest)
      failure = 'it was published, but not removed here'
      const remark = this.isToMove(manifest) ? await this.moveAway(night, manifest, isNew) : ''
      this.printPublished(night, manifest, isNew, (performance.now() - began) / 1000, remark)
      this.progress.end({ stem, failed: false })
    } catch (error) {
      this.progress.end({ stem, failed: true })
      if (error instanceof TargetUnusable) return
      this.failed.push(stem)
      print(`FAILED    ${stem}  ${failure}: ${describeError(error, this.paths.lake)}`)
    }
  }

  private printPublished(night: Night, manifest: Manifest, isNew: boolean, seconds: number, remark: string): void {
    const [files, bytes] = [filesOf(night, manifest).length, bytesOf(night, manifest)]
    const { done } = this
    if (isNew) this.done = { nights: done.nights + 1, files: done.files + files, bytes: done.bytes + bytes }
    print(`${isNew ? 'published' : 'verified '} ${night.stem}  ${amountLine(files, bytes, seconds)}${remark}`)
  }

  /**
   * Removes a published night from the lake. If it was published by an earlier run, reads its files at the target first, and
   * replaces those that are damaged.
   *
   * @param isVerified whether this run has verified all of its files
   * @returns a remark for the night's line
   */
  private async moveAway(night: Night, manifest: Manifest, isVerified: boolean): Promise<string> {
    const { address } = this.lake.target
    const faults = isVerified ? [] : await this.publisher.faults(night, manifest)
    for (const fault of faults) print(`damaged   ${address}/${fault}: publishing it again`)
    if (faults.length > 0) await this.publishFiles(night, manifest)
    await moveAway(this.paths, night, manifest, address)
    this.moved++
    return '; removed here'
  }

  private async publishFiles(night: Night, manifest: Manifest): Promise<void> {
    const { address } = this.lake.target
    // The candidates file and the manifest of a moved night are still here.
    const { candidates: _, ...moved } = manifest
    if (manifest.movedTo && (await this.publisher.faults(night, moved)).length > 0)
      throw new Error(
        `it is missing or damaged at ${address}, and KEEP_LAKE=no has removed it here: ` +
          `to download it again, delete ${this.paths.manifest(night)}, then run make all TO=${address}`,
      )
    await this.publisher.publish(night, manifest, () => this.progress.counter(night.stem))
    for (const { path } of filesOf(night, manifest)) this.damaged.delete(path)
  }

  private printTotals(): void {
    const { nights, files, bytes } = this.done
    const seconds = (performance.now() - this.began) / 1000
    if (nights > 0) print(`${plural(nights, 'night')} published: ${amountLine(files, bytes, seconds)}`)
    if (this.moved > 0) print(`${plural(this.moved, 'night')} moved to ${this.lake.target.address}`)
  }
}

/** Throws if a target has no night at all, although nights were moved there: its disk may not be mounted. */
async function assertHasMoved(paths: Paths, { target: { address }, manifests, broken }: PublishedLake): Promise<void> {
  if (manifests.size + broken.length > 0) return
  const moved = (await nightsInLake(paths)).filter(({ summary }) => summary.movedTo === address)
  if (moved.length === 0) return
  throw new Error(
    `${address} has none of the ${plural(moved.length, 'night')} that were moved there: is its disk mounted, and is the ` +
      'address right?',
  )
}

function amountLine(files: number, bytes: number, seconds: number): string {
  return `${plural(files, 'file')}, ${showBytes(bytes)} in ${showSeconds(seconds)}, ${showBytes(bytes / seconds)}/s`
}
