import { dirname } from 'node:path/posix'
import { mapLimit } from '../core/files.ts'
import type { NightInLake } from '../index/plan.ts'
import { type Manifest, seal, unseal } from '../lake/manifest.ts'
import { summarize } from '../lake/summaries.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Attempt } from './attempt.ts'
import { filesOf, isFileOf, lakeFilesOf, publishedText, TREES } from './layout.ts'
import { REMOTE } from './remote-paths.ts'
import { type RemoteFile, readText, type Target } from './target.ts'

/**
 * The lake at a target. Its manifests are the only record of the nights that have been published. A run adds those that it
 * publishes.
 */
export class PublishedLake {
  readonly target: Target
  /** Sizes in bytes by path, at the time when the target was read. */
  readonly sizes: ReadonlyMap<string, number>
  /** Intact manifests by stem. */
  readonly manifests: Map<string, Manifest>
  /** Stems of the nights whose manifests are corrupt. */
  readonly broken: readonly string[]
  /** Paths in each folder. */
  private readonly folders: ReadonlyMap<string, readonly string[]>

  /** Lists the files at a target, and reads its manifests. */
  static async read(target: Target, attempt: Attempt): Promise<PublishedLake> {
    const files = (await mapLimit(TREES, tree => attempt(() => target.list(tree)), 1)).flat()
    const manifests = await mapLimit(files.flatMap(stemOfManifest), async stem => {
      const text = await attempt(() => readText(target, `${REMOTE.manifests}/${stem}.json`))
      return [stem, unseal<Manifest>(text ?? '')] as const
    })
    const intact = manifests.flatMap(([stem, manifest]) => (manifest ? [[stem, manifest] as const] : []))
    const broken = manifests.flatMap(([stem, manifest]) => (manifest ? [] : stem))
    return new PublishedLake(target, files, new Map(intact), broken)
  }

  private constructor(
    target: Target,
    files: readonly RemoteFile[],
    manifests: Map<string, Manifest>,
    broken: readonly string[],
  ) {
    this.broken = broken
    this.target = target
    this.sizes = new Map(files.map(({ path, bytes }) => [path, bytes]))
    this.manifests = manifests
    const folders = new Map<string, string[]>()
    for (const { path } of files) {
      const folder = dirname(path)
      const paths = folders.get(folder)
      if (paths) paths.push(path)
      else folders.set(folder, [path])
    }
    this.folders = folders
  }

  /** Whether the target has the same revision of a night. */
  hasRevision({ stem }: Night, manifest: Manifest): boolean {
    const published = this.manifests.get(stem)
    return published !== undefined && seal(published) === publishedText(manifest)
  }

  /** Whether the target has exactly the files of a night, judging by their names and sizes. */
  has(night: Night, manifest: Manifest): boolean {
    if (!this.hasRevision(night, manifest)) return false
    if (!filesOf(night, manifest).every(({ path, bytes }) => this.sizes.get(path) === bytes)) return false
    const own = (this.folders.get(REMOTE.partition(night)) ?? []).filter(path => isFileOf(night, path))
    return (
      own.length === lakeFilesOf(night, manifest).length &&
      this.sizes.has(REMOTE.candidatesFile(night)) === (manifest.candidates !== undefined)
    )
  }

  /** Summaries of the nights that have been published, in date order. */
  summaries(): NightInLake[] {
    return this.nights().map(({ night, manifest }) => ({ night, summary: summarize(manifest) }))
  }

  /** The nights that have been published, in date order. */
  nights(): { night: Night; manifest: Manifest }[] {
    return [...this.manifests]
      .flatMap(([stem, manifest]) => {
        const night = nightOfStem(stem)
        return night ? [{ night, manifest }] : []
      })
      .sort((a, b) => (a.night.stem < b.night.stem ? -1 : 1))
  }
}

function stemOfManifest({ path }: RemoteFile): string[] {
  const [, stem = ''] = /^lake\/_manifest\/(\w+)\.json$/.exec(path) ?? []
  return nightOfStem(stem) ? [stem] : []
}
