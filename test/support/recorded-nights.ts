import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { type LakeFilesOptions, PART_SUFFIX } from '../../lib/lake/lake-files.ts'
import { type Manifest, seal } from '../../lib/lake/manifest.ts'
import { StagedCandidates } from '../../lib/lake/staged-candidates.ts'
import { TarballReader } from '../../lib/lake/tarball-reader.ts'
import { type Night, partition } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf } from './data-folder.ts'

/** A converted night, which can be put into any data folder. */
export class RecordedNight {
  readonly night: Night
  readonly manifest: Manifest
  /** Content of its files, by path relative to the data folder. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly tarball: Buffer

  /** Converts a tarball into files of at most two alerts. */
  static async of(t: TestContext, tarball: Tarball): Promise<RecordedNight> {
    const paths = await dataFolder(t)
    return new RecordedNight(paths, tarball, await convert(paths, tarball, { alertsPerFile: 2 }))
  }

  private constructor({ data }: Paths, { name, bytes }: Tarball, manifest: Manifest) {
    this.night = nightOf(name)
    this.tarball = bytes
    this.manifest = manifest
    const day = partition(this.night)
    const paths = manifest.files.map(file => `lake/${day}/${file.name}`)
    if (manifest.candidates) paths.push(`candidates/${day}/${this.night.stem}.parquet`)
    this.files = new Map(paths.map(path => [path, readFileSync(join(data, path))]))
  }

  putOnDisk(paths: Paths): void {
    put(paths.tarball(this.night), this.tarball)
  }

  putIntoLake(paths: Paths): void {
    for (const [path, bytes] of this.files) put(join(paths.data, path), bytes)
    put(paths.manifest(this.night), seal(this.manifest))
  }

  /** Writes the Parquet files to a staging folder. */
  stage(folder: string): void {
    for (const { name } of this.manifest.files) put(join(folder, name + PART_SUFFIX), this.bytesOf(name))
  }

  stageCandidates(path: string): void {
    if (this.manifest.candidates) put(path, this.bytesOf(`${this.night.stem}.parquet`))
  }

  private bytesOf(name: string): Buffer {
    const [, bytes] = [...this.files].find(([path]) => path.endsWith(`/${name}`)) ?? assert.fail(name)
    return bytes
  }
}

/** Until the end of the test, conversions of these nights take their files from the records. */
export function convertFromRecords(t: TestContext, records: readonly RecordedNight[]): void {
  const recordOf = (md5: string) => records.find(({ manifest }) => manifest.md5 === md5) ?? assert.fail(md5)
  replaceMethod(t, TarballReader.prototype, 'read', async function (this: { options: LakeFilesOptions }) {
    const { folder, md5 } = this.options
    recordOf(md5).stage(folder)
    const { candidates, ...contents } = recordOf(md5).manifest
    return contents
  })
  replaceMethod(t, StagedCandidates.prototype, 'write', async function (this: { path: string }, { md5 }: Manifest) {
    recordOf(md5).stageCandidates(this.path)
    return recordOf(md5).manifest
  })
}

/** Unlike `t.mock`, keeps no record of the calls, which would take gigabytes. */
function replaceMethod(t: TestContext, prototype: object, name: string, method: unknown): void {
  const original = Reflect.get(prototype, name)
  Reflect.set(prototype, name, method)
  t.after(() => Reflect.set(prototype, name, original))
}

export function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
