import type { Manifest } from '../lake/manifest.ts'
import type { Night } from '../night.ts'
import type { Copier, Sent } from './copier.ts'
import { filesOf, isFileOf, lakeFilesOf, publishedText, type RecordedFile } from './layout.ts'
import type { PublishedLake } from './published-lake.ts'
import { REMOTE } from './remote-paths.ts'
import { type RemoteFile, STAGING } from './target.ts'

/**
 * Publishes single nights: first the files, each verified, and the manifest last. A reader sees a night's old files or its
 * new ones, never both.
 */
export class NightPublisher {
  private readonly lake: PublishedLake
  private readonly copier: Copier

  constructor(lake: PublishedLake, copier: Copier) {
    this.lake = lake
    this.copier = copier
  }

  /**
   * Publishes a night, or the rest of it after an interrupted run. Replaces an earlier revision completely. Must not run
   * at the same time for two nights of one partition.
   * @param sentOf returns the counter of a file's bytes, for the progress display
   */
  async publish(night: Night, manifest: Manifest, sentOf: (file: RecordedFile) => Sent): Promise<void> {
    const { copier } = this
    const there = await copier.list(REMOTE.partition(night))
    const own = there.filter(({ path }) => isFileOf(night, path))
    const files = lakeFilesOf(night, manifest)
    const missing = await this.missing(files, own)
    const put = (file: RecordedFile, path = file.path) => copier.put(path, file.path, file, sentOf(file))
    if (missing.length > 0 && missing.length === files.length && copier.target.move) {
      await this.stage(night, missing, put)
      await this.moveIn(night, there)
    } else {
      await this.deleteAll(without(own, files))
      await settled(missing.map(file => put(file)))
    }
    await this.publishCandidates(night, manifest, put)
    await copier.putText(REMOTE.manifest(night), publishedText(manifest))
    await this.removeStaging(night)
    this.lake.manifests.set(night.stem, manifest)
  }

  /** Compares all files of a night at the target by reading them; returns the faults. */
  async faults(night: Night, manifest: Manifest): Promise<string[]> {
    const check = async (file: RecordedFile) => {
      const fault = await this.copier.faultAt(file.path, file)
      return fault ? [`${file.path} ${fault}`] : []
    }
    return (await settled(filesOf(night, manifest).map(check))).flat()
  }

  /** The files that the target lacks, or of which it has other bytes. Reads those that have the right size. */
  private async missing(files: readonly RecordedFile[], there: readonly RemoteFile[]): Promise<RecordedFile[]> {
    const sizes = new Map(there.map(({ path, bytes }) => [path, bytes]))
    const isIntact = async (file: RecordedFile) =>
      sizes.get(file.path) === file.bytes && !(await this.copier.faultAt(file.path, file))
    const intact = await settled(files.map(isIntact))
    return files.filter((_, i) => !intact[i])
  }

  /** Puts files in the night's staging folder. Those that a killed run has left there are verified and kept. */
  private async stage(
    night: Night,
    files: readonly RecordedFile[],
    put: (file: RecordedFile, path: string) => Promise<void>,
  ): Promise<void> {
    const folder = stagingFolder(night)
    const staged = new Map((await this.copier.list(folder)).map(({ path, bytes }) => [path, bytes]))
    const pathOf = ({ path }: RecordedFile) => path.replace(REMOTE.partition(night), folder)
    const wanted = new Set(files.map(pathOf))
    await this.deleteAll([...staged.keys()].filter(path => !wanted.has(path)))
    const stage = async (file: RecordedFile) => {
      const path = pathOf(file)
      if (staged.get(path) === file.bytes && !(await this.copier.faultAt(path, file))) return
      await put(file, path)
    }
    await settled(files.map(stage))
  }

  /**
   * Moves the staged files to the partition, by one rename unless it is shared with the date's other tarball.
   * @param there the files that the partition has
   */
  private async moveIn(night: Night, there: readonly RemoteFile[]): Promise<void> {
    const { copier } = this
    const [partition, staging, former] = [REMOTE.partition(night), stagingFolder(night), formerFolder(night)]
    const own = there.filter(({ path }) => isFileOf(night, path)).map(({ path }) => path)
    if (own.length === there.length) {
      await copier.delete(former)
      if (own.length > 0) await copier.move(partition, former)
      await copier.move(staging, partition)
    } else {
      await this.deleteAll(own)
      for (const { path } of await copier.list(staging)) await copier.move(path, path.replace(staging, partition))
    }
  }

  private async publishCandidates(
    night: Night,
    { candidates }: Manifest,
    put: (file: RecordedFile) => Promise<void>,
  ): Promise<void> {
    const path = REMOTE.candidatesFile(night)
    const bytes = this.lake.sizes.get(path)
    if (!candidates) return bytes === undefined ? undefined : this.copier.delete(path)
    const file = { path, ...candidates }
    if (bytes === file.bytes && !(await this.copier.faultAt(path, file))) return
    await put(file)
  }

  private async removeStaging(night: Night): Promise<void> {
    if (!this.copier.target.move) return
    await this.deleteAll([stagingFolder(night), formerFolder(night)])
  }

  private async deleteAll(paths: readonly string[]): Promise<void> {
    await settled(paths.map(path => this.copier.delete(path)))
  }
}

function stagingFolder({ stem }: Night): string {
  return `${STAGING}/${stem}`
}

/** Folder for a night's earlier revision until the new one is in its place. */
function formerFolder({ stem }: Night): string {
  return `${STAGING}/${stem}.former`
}

/** Paths of the files at the target that are not among the recorded ones. */
function without(there: readonly RemoteFile[], recorded: readonly RecordedFile[]): string[] {
  const paths = new Set(recorded.map(({ path }) => path))
  return there.map(({ path }) => path).filter(path => !paths.has(path))
}

/** Waits for all promises, also after one was rejected; then throws the first error. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
