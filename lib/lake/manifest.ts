import type { Revision } from '../archive/revision.ts'
import { mapLimit, readOptional, sha256OfBytes, writeAtomic } from '../core/files.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'

/**
 * The record of a night in the lake, written last: a night is in the lake when its manifest is there.
 * Lies in `lake/_manifest/<stem>.json`, under a name that Spark, pyarrow and DuckDB's `*.parquet` pass over.
 */
export interface Manifest {
  readonly tarball: string
  readonly night: string
  /** `salvaged`: the tarball is cut or damaged, and `salvage` says how; what is whole in it is in the lake. */
  readonly state: 'whole' | 'salvaged' | 'empty'
  readonly salvage?: string
  readonly md5: string
  /** How the archive listed the tarball when it was converted; absent where it was not listed. */
  readonly listed?: Revision
  /** What the lake had of this night before: the archive has published it again. */
  readonly replaces?: Replaced
  /** Size of the tarball and of the tar in it, in bytes. */
  readonly tarballBytes: number
  readonly tarBytes: number
  /** members = alerts + duplicates + damaged. */
  readonly members: number
  readonly alerts: number
  readonly duplicates: number
  readonly damaged: number
  /** The candid of each duplicate: the alert that comes first in the tar is the one that is kept. */
  readonly duplicateCandids: readonly string[]
  /** The packets that are not in the lake but, raw, in `bad/<stem>/`. */
  readonly damagedPackets: readonly DamagedPacket[]
  /** Alerts by the schema version that their header states. */
  readonly schemaVersions: Readonly<Record<string, number>>
  /** Columns that the lake's schema does not have yet, by path. */
  readonly newColumns: readonly string[]
  readonly files: readonly LakeFile[]
  readonly codec: string
  readonly alertsPerFile: number
  readonly writer: string
  /** The most memory that the worker has held so far, in bytes. */
  readonly peakMemory: number
  /** Wall time of the conversion, in seconds. */
  readonly seconds: number
}

export type Replaced = Pick<Manifest, 'md5' | 'listed' | 'state' | 'tarballBytes' | 'alerts'>

export interface DamagedPacket {
  readonly member: string
  readonly reason: string
  /** The file in `bad/<stem>/`; absent where the packet is too large to be kept. */
  readonly kept?: KeptPacket
}

export interface KeptPacket {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface LakeFile {
  readonly name: string
  readonly alerts: number
  readonly bytes: number
  readonly sha256: string
}

export async function writeManifest(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  await writeAtomic(paths.manifest(night), sealed(manifest))
}

/** Of a manifest that is not to be relied on, in one sentence. */
class BrokenManifest extends Error {}

/**
 * The night's manifest, or undefined where the night is not in the lake.
 * @throws BrokenManifest where a byte of it is not as it was written, or where it is that of another night
 */
export async function readManifest(paths: Paths, night: Night): Promise<Manifest | undefined> {
  const text = await readOptional(paths.manifest(night))
  if (text === undefined) return undefined
  const manifest = opened(text)
  const fault = !manifest
    ? 'is not as it was written: its bytes do not have the SHA-256 at its end'
    : manifest.tarball !== night.name && `is of ${manifest.tarball}, expected ${night.name}`
  if (!manifest || fault) throw new BrokenManifest(`${paths.manifest(night)} ${fault}: run make repair`)
  return manifest
}

/**
 * The same, but a broken one is returned as the error that it is: it is the matter of its night, and stops no other.
 */
export async function inspectManifest(paths: Paths, night: Night): Promise<Manifest | Error | undefined> {
  return readManifest(paths, night).catch((error: Error) => {
    if (error instanceof BrokenManifest) return error
    throw error
  })
}

/** The manifest's text, whose last field is the SHA-256 of all before it. */
function sealed(manifest: object): string {
  return `${JSON.stringify({ ...manifest, sha256: sha256OfBytes(JSON.stringify(manifest)) }, null, 2)}\n`
}

/** The manifest in a text; undefined where the text is not byte by byte what sealing it gives. */
function opened(text: string): Manifest | undefined {
  try {
    const { sha256, ...manifest } = JSON.parse(text)
    return sealed(manifest) === text ? manifest : undefined
  } catch {
    return undefined
  }
}

/** The manifests of those of the nights, given by their stems, that are in the lake. */
export async function manifestsOf(paths: Paths, stems: readonly string[]): Promise<Manifest[]> {
  const nights = stems.flatMap(stem => nightOfStem(stem) ?? [])
  return (await mapLimit(nights, night => readManifest(paths, night))).flatMap(manifest => manifest ?? [])
}

/** Bytes of all the night's Parquet files. */
export function lakeBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}
