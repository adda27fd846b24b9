import { join } from 'node:path'
import type { ListedFile } from '../archive/listing.ts'
import { revisionOf } from '../archive/revision.ts'
import { literalPath, query } from '../core/duckdb.ts'
import { remove, sha256OfBytes } from '../core/files.ts'
import { convertNight } from '../lake/convert.ts'
import type { LakeFileSettings } from '../lake/lake-files.ts'
import type { LakeFile, Manifest } from '../lake/manifest.ts'
import { type Night, parquetName } from '../night.ts'
import type { Paths } from '../paths.ts'
import { BenchNights, sum } from './nights.ts'

/** The defaults of make lake. */
export const LAKE_FILES: LakeFileSettings = { codec: 'snappy', alertsPerFile: 3000 }

/** An alert whose object has an alert on every day of `OBSERVED_DAYS`. */
export interface KnownAlert {
  readonly objectId: string
  readonly candid: string
  readonly ra: number
  readonly dec: number
}

/** A synthetic night of real size that has been converted. The nights of a simulated lake have its files in turn. */
export class TemplateNight {
  private readonly paths: Paths
  private readonly night: Night
  private readonly manifest: Manifest

  /** Makes and converts the night, and removes its tarball. */
  static async create(folder: string, night: Night, alerts: number): Promise<TemplateNight> {
    const nights = await BenchNights.create(folder, [night.date], alerts)
    const manifest = await convertNight(nights.paths, night, LAKE_FILES, undefined)
    await remove(nights.tarball(0))
    return new TemplateNight(nights.paths, night, manifest)
  }

  private constructor(paths: Paths, night: Night, manifest: Manifest) {
    this.paths = paths
    this.night = night
    this.manifest = manifest
  }

  /** Number of Parquet files. */
  get files(): number {
    return this.manifest.files.length
  }

  get candidatesPath(): string {
    return this.paths.candidatesFile(this.night)
  }

  /** Path of the file that is to be linked as a night's file number `index`. */
  path(index: number): string {
    return join(this.paths.partition(this.night), this.file(index).name)
  }

  /** Row of the listing for a night with this number of Parquet files. */
  listedFile({ name, date, kind }: Night, files: number): ListedFile {
    const bytes = this.scaled(this.manifest.tarballBytes, files)
    const md5 = sha256OfBytes(name).slice(0, 32)
    return { name, night: date, bytes, modified: '2026-07-02 07:22', md5, url: `https://localhost/${name}`, kind }
  }

  /** Manifest of a night with this number of Parquet files, without its candidates. */
  manifestOf(night: Night, count: number): Manifest {
    const listed = this.listedFile(night, count)
    const files = Array.from({ length: count }, (_, i) => ({
      ...this.file(i),
      name: parquetName(night, listed.md5, i),
    }))
    const alerts = sum(files.map(file => file.alerts))
    const [version = ''] = Object.keys(this.manifest.schemaVersions)
    return {
      ...this.manifest,
      tarball: night.name,
      night: night.date,
      md5: listed.md5,
      listed: revisionOf(listed),
      tarballBytes: listed.bytes,
      tarBytes: this.scaled(this.manifest.tarBytes, count),
      members: alerts,
      alerts,
      schemaVersions: { [version]: alerts },
      files,
    }
  }

  async knownAlert(): Promise<KnownAlert> {
    const [alert] = await query(
      `select objectId, candid::varchar as candid, ra, dec from read_parquet(${literalPath(this.candidatesPath)})
       where lake_file = 0 and lake_row = 0`,
    )
    return alert as unknown as KnownAlert
  }

  private file(index: number): LakeFile {
    return this.manifest.files[index % this.files] as LakeFile
  }

  private scaled(bytes: number, files: number): number {
    return Math.round((bytes * files) / this.files)
  }
}
