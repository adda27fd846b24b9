import { basename } from 'node:path/posix'
import { print } from '../core/console.ts'
import { exists, mapLimit } from '../core/files.ts'
import { plural, showBytes, showSeconds } from '../core/units.ts'
import { listInputsOf, monthsOf, showMonth } from '../index/plan.ts'
import { type IndexRecord, ORDERS } from '../index/record.ts'
import { inspectManifest, unseal } from '../lake/manifest.ts'
import type { Night } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import { Paths } from '../paths.ts'
import type { Settings } from '../settings.ts'
import { attempts } from './attempt.ts'
import { Copier } from './copier.ts'
import { readDamaged, writeDamaged } from './damage.ts'
import { bytesOf, filesOf, type RecordedFile } from './layout.ts'
import { openTarget } from './open-target.ts'
import { PublishProgress } from './progress.ts'
import { PublishedLake } from './published-lake.ts'
import { REMOTE } from './remote-paths.ts'
import { STAGING } from './target.ts'

/** Checks a published lake: everything in its manifests is there with the right bytes, and nothing else is. */
export class PublishedCheck {
  readonly progress = new PublishProgress('checking')
  private readonly settings: Settings
  private readonly paths: Paths
  private readonly lake: PublishedLake
  private readonly copier: Copier
  private readonly nights: ReturnType<PublishedLake['nights']>
  private readonly damaged = new Set<string>()
  /** Number of files that cannot be read, or whose bytes or sizes differ. */
  private failed = 0
  private orphans = 0
  /** Number of nights and tables that the target lacks. */
  private missing = 0
  private bytes = 0
  /** Whether there is a record of the index and the lists. Without it, it is not known which of them belong there. */
  private hasRecord = false

  /**
   * Reads what is at the target AT.
   * @param jobs maximum number of files to read at a time
   */
  static async begin(settings: Settings, jobs: number): Promise<PublishedCheck> {
    const target = await openTarget(settings.AT, settings.ENDPOINT, 'AT')
    const attempt = attempts(line => print(`waiting   ${line}`))
    const lake = await PublishedLake.read(target, attempt)
    return new PublishedCheck(settings, lake, new Copier(target, settings.DATA, jobs, attempt))
  }

  private constructor(settings: Settings, lake: PublishedLake, copier: Copier) {
    this.settings = settings
    this.paths = new Paths(settings.DATA)
    this.lake = lake
    this.copier = copier
    this.nights = lake.nights().filter(({ night }) => settings.NIGHTS(night.date))
    for (const { night, manifest } of this.nights) this.progress.add(night.stem, bytesOf(night, manifest))
  }

  /**
   * Prints a line for each fault, and a closing line.
   * @returns parts of an error message; empty if there are no faults
   */
  async run(): Promise<string[]> {
    const began = performance.now()
    const { address } = this.lake.target
    if (this.lake.manifests.size + this.lake.broken.length === 0)
      throw new Error(`${address} has no published night: is the address right?`)
    if (this.nights.length + this.lake.broken.length === 0)
      throw new Error(`${address} has none of the selected nights: is NIGHTS right?`)
    for (const stem of this.lake.broken)
      this.fail(`${REMOTE.manifests}/${stem}.json`, 'is corrupt: its content does not match the SHA-256 at its end')
    await mapLimit(this.nights, night => this.checkNight(night))
    const tables = await this.tables()
    for (const file of tables) await this.checkFile(file)
    this.findOrphans(tables)
    await this.compareWithLocal()
    await this.writeDamaged()
    const problems = [
      ...(this.failed > 0 ? [plural(this.failed, 'damaged file')] : []),
      ...(this.orphans > 0 ? [plural(this.orphans, 'orphan')] : []),
      ...(this.missing > 0 ? [`${plural(this.missing, 'part')} missing or out of date`] : []),
    ]
    print(this.closingLine((performance.now() - began) / 1000, problems.length === 0))
    return problems
  }

  get hasOrphans(): boolean {
    return this.orphans > 0
  }

  private async checkNight({ night, manifest }: PublishedCheck['nights'][number]): Promise<void> {
    const before = this.failed
    const files = filesOf(night, manifest)
    await Promise.all(files.map(file => this.checkFile(file, this.progress.counter(night.stem))))
    this.progress.end({ stem: night.stem, failed: this.failed > before })
  }

  private async checkFile(file: RecordedFile, read = { bytes: 0 }): Promise<void> {
    const fault = await this.faultOf(file)
    read.bytes = file.bytes
    if (fault) this.fail(file.path, fault)
    else this.bytes += file.bytes
  }

  private async faultOf(file: RecordedFile): Promise<string | undefined> {
    const size = this.lake.sizes.get(file.path)
    if (size === undefined) return 'is missing'
    if (size !== file.bytes) return `has ${size} bytes, expected ${file.bytes}`
    return this.settings.QUICK ? undefined : this.copier.faultAt(file.path, file)
  }

  /** The files of the index and the lists, from their record, which has no sizes: these are those at the target. */
  private async tables(): Promise<RecordedFile[]> {
    const { lake, settings } = this
    const text = await this.copier.read(REMOTE.indexRecord)
    const record = unseal<IndexRecord>(text ?? '')
    if (text !== undefined && !record)
      this.fail(REMOTE.indexRecord, 'is corrupt: its content does not match its SHA-256')
    this.hasRecord = record !== undefined
    const { months = {}, lists, commonMetadata } = record ?? {}
    const all = lake.summaries()
    for (const { name, nights, inputs } of monthsOf(all))
      if (months[name]?.inputs !== inputs && nights.some(({ night }) => settings.NIGHTS(night.date)))
        this.miss(`the index of ${showMonth(name)}`)
    if (lists?.inputs !== listInputsOf(all)) this.miss('the list of files')
    const recorded: [string, string | undefined][] = [
      ...Object.entries(months).flatMap(([name, { sha256 }]) =>
        ORDERS.map((order): [string, string] => [REMOTE.indexFile(order, name), sha256[order]]),
      ),
      [REMOTE.files, lists?.files],
      [REMOTE.checksums, lists?.checksums],
      [REMOTE.commonMetadata, commonMetadata],
    ]
    return recorded.flatMap(([path, sha256]) => (sha256 ? { path, sha256, bytes: lake.sizes.get(path) ?? 0 } : []))
  }

  /** Finds files that no record names. Partitions that are not selected are left out. */
  private findOrphans(tables: readonly RecordedFile[]): void {
    const known = new Set([
      REMOTE.indexRecord,
      ...tables.map(({ path }) => path),
      ...this.lake.broken.map(stem => `${REMOTE.manifests}/${stem}.json`),
      ...this.nights.flatMap(({ night, manifest }) => [
        REMOTE.manifest(night),
        ...filesOf(night, manifest).map(({ path }) => path),
      ]),
    ])
    const broken = new Set(this.lake.broken)
    for (const path of this.lake.sizes.keys()) {
      // Without its manifest, it is not known which files a night has.
      const [stem = ''] = basename(path).split(/[-.]/)
      if (known.has(path) || broken.has(stem) || !this.isSelected(path)) continue
      if (!this.hasRecord && isTable(path)) continue
      if (path.startsWith(`${STAGING}/`)) print(`leftover  ${path}  from an interrupted run; readers ignore it`)
      else {
        this.orphans++
        print(`ORPHAN    ${path}  is not in any manifest there`)
      }
    }
  }

  private isSelected(path: string): boolean {
    const [, ...date] = /(\d{4})(?:\/month=)?(\d\d)(?:\/day=)?(\d\d)/.exec(path) ?? []
    return date.length < 3 || this.settings.NIGHTS(date.join(''))
  }

  /** Finds nights of the lake in the data folder, if there is one, that the target lacks. */
  private async compareWithLocal(): Promise<void> {
    for (const night of await inLake(this.paths, this.settings.NIGHTS)) await this.compareNight(night)
  }

  private async compareNight(night: Night): Promise<void> {
    const manifest = await inspectManifest(this.paths, night)
    const { address } = this.lake.target
    if (!manifest || manifest instanceof Error || (manifest.movedTo ?? address) !== address) return
    if (!this.lake.hasRevision(night, manifest)) this.miss(night.stem)
  }

  private async writeDamaged(): Promise<void> {
    const { address } = this.lake.target
    if (!(await exists(this.paths.data))) return
    const before = await readDamaged(this.paths, address)
    // Keep what this check has not read.
    const kept = [...before].filter(path => this.settings.QUICK || !this.isSelected(path))
    await writeDamaged(this.paths, address, new Set([...kept, ...this.damaged]))
  }

  private fail(path: string, fault: string): void {
    this.failed++
    this.damaged.add(path)
    print(`FAILED    ${path}  ${fault}`)
  }

  private miss(part: string): void {
    this.missing++
    print(`missing   ${part}  is not at ${this.lake.target.address}, or out of date there: make publish updates it`)
  }

  private closingLine(seconds: number, isIntact: boolean): string {
    const { bytes, nights, settings, lake } = this
    const alerts = nights.reduce((sum, { manifest }) => sum + manifest.alerts, 0)
    const rate = settings.QUICK ? 'names and sizes only' : `${showBytes(Math.round(bytes / seconds))}/s`
    return (
      `${plural(nights.length, 'night')}, ${plural(alerts, 'alert')}, ${showBytes(bytes)} at ${lake.target.address} ` +
      `checked in ${showSeconds(seconds)} (${rate}): ${isIntact ? 'all intact' : 'see above'}`
    )
  }
}

/** Whether a path is one of the index or the lists. */
function isTable(path: string): boolean {
  return path.startsWith('index/') || [REMOTE.files, REMOTE.checksums, REMOTE.commonMetadata].includes(path)
}
