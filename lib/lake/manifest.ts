import { rename } from 'node:fs/promises'
import type { Revision } from '../archive/revision.ts'
import { describeError } from '../core/errors.ts'
import { readOptional, remove, sha256OfBytes, writeAtomic } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'

/**
 * Record of a night in the lake, `lake/_manifest/<stem>.json`. It is written last, so a night is in the lake if its
 * manifest exists. Spark and pyarrow skip folders whose names begin with `_`; DuckDB reads only `*.parquet`.
 */
export interface Manifest {
  readonly tarball: string
  readonly night: string
  /** `salvaged` if the tarball is damaged or truncated (see `salvage`). Its intact alerts are in the lake. */
  readonly state: 'whole' | 'salvaged' | 'empty'
  readonly salvage?: string
  /**
   * Whether bytes in which alerts may be could not be read, so that only the tarball has them. Absent if an earlier version
   * converted the night: it neither read what follows zeros between gzip members, nor compared alerts of one candid.
   */
  readonly unread?: boolean
  readonly md5: string
  /** The tarball's revision in the archive's listing, if it was listed. */
  readonly listed?: Revision
  /** The night's previous conversion, if its tarball had a different MD5. */
  readonly replaces?: Replaced
  /** Compressed and uncompressed size of the tarball, in bytes. */
  readonly tarballBytes: number
  readonly tarBytes: number
  /** Equal to alerts + duplicates + damaged. */
  readonly members: number
  readonly alerts: number
  readonly duplicates: number
  readonly damaged: number
  /** Candids of alerts omitted from the lake because their packet is identical to that of an earlier alert in the tar. */
  readonly duplicateCandids: readonly string[]
  /** Packets that are not in the lake: they cannot be decoded, or differ from an earlier alert with the same candid. */
  readonly damagedPackets: readonly DamagedPacket[]
  /** Number of alerts per schema version. */
  readonly schemaVersions: Readonly<Record<string, number>>
  /** Paths of columns that are not in the lake's standard schema. */
  readonly newColumns: readonly string[]
  readonly files: readonly LakeFile[]
  /** The night's file in the candidates table; absent if the night has no alerts, or an earlier version converted it. */
  readonly candidates?: CandidatesFile
  readonly codec: string
  readonly alertsPerFile: number
  readonly writer: string
  /** Peak resident memory of the worker process, in bytes. */
  readonly peakMemory: number
  /** Wall time of the conversion, in seconds. */
  readonly seconds: number
  /** Address to which the night's files were moved by KEEP_LAKE=no; absent if they are here. */
  readonly movedTo?: string
}

export type Replaced = Pick<Manifest, 'md5' | 'listed' | 'state' | 'tarballBytes' | 'alerts'>

export interface DamagedPacket {
  readonly member: string
  readonly reason: string
  /** File in `bad/<stem>/`; absent if the packet is too large to be kept. */
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
  /** Smallest and largest candid and jd; absent if an earlier version converted the night. */
  readonly candid?: readonly [min: string, max: string]
  readonly jd?: readonly [min: number | null, max: number | null]
}

export interface CandidatesFile {
  readonly bytes: number
  readonly sha256: string
}

/** Writes a manifest that `publishManifest` puts in its place, which takes no more space. */
export async function stageManifest(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  await writeAtomic(staged(paths, night), seal(manifest))
}

export async function publishManifest(paths: Paths, night: Night): Promise<void> {
  await rename(staged(paths, night), paths.manifest(night))
}

/** Removes a manifest that was staged but not published. */
export async function discardManifest(paths: Paths, night: Night): Promise<void> {
  await remove(staged(paths, night))
}

export async function writeManifest(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  await stageManifest(paths, night, manifest)
  await publishManifest(paths, night)
}

function staged(paths: Paths, night: Night): string {
  return `${paths.manifest(night)}.part`
}

/** Error in the content of a manifest, which cannot be used. */
export class BrokenManifest extends Error {}

/** Examples of the fields that every version has written and this one needs. */
const NEEDED = {
  ...{ tarball: '', night: '', state: '', md5: '', codec: '', writer: '' },
  ...{ tarballBytes: 0, tarBytes: 0, members: 0, alerts: 0, duplicates: 0, damaged: 0, alertsPerFile: 0, seconds: 0 },
  ...{ duplicateCandids: [], damagedPackets: [], newColumns: [], files: [], schemaVersions: {} },
} satisfies Partial<Record<keyof Manifest, unknown>>

/**
 * Returns the night's manifest; undefined if the night is not in the lake.
 * @throws BrokenManifest if the manifest does not match its checksum, lacks a field or belongs to another night
 */
export async function readManifest(paths: Paths, night: Night): Promise<Manifest | undefined> {
  const path = paths.manifest(night)
  const text = await readOptional(path)
  if (text === undefined) return undefined
  const manifest = unseal<Manifest>(text)
  if (!manifest)
    throw new BrokenManifest(`${path} is corrupt: its content does not match the SHA-256 at its end: run make repair`)
  const missing = Object.entries(NEEDED).find(
    ([field, example]) => !isAlike(manifest[field as keyof Manifest], example),
  )
  if (missing)
    throw new BrokenManifest(`${path} has no valid field "${missing[0]}", which this version needs: run make repair`)
  if (manifest.tarball !== night.name)
    throw new BrokenManifest(`${path} is the manifest of ${manifest.tarball}, expected ${night.name}: run make repair`)
  return manifest
}

function isAlike(value: unknown, example: unknown): boolean {
  return typeof value === typeof example && value !== null && Array.isArray(value) === Array.isArray(example)
}

/** Like `readManifest`, but returns the error of a manifest that is broken or may not be read instead of throwing it. */
export async function inspectManifest(paths: Paths, night: Night): Promise<Manifest | Error | undefined> {
  return readManifest(paths, night).catch((error: Error) => {
    if (error instanceof BrokenManifest) return error
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return new Error(describeError(error), { cause: error })
    throw error
  })
}

/** Returns an object as JSON, with its SHA-256 as the last field. */
export function seal(object: object): string {
  return `${JSON.stringify({ ...object, sha256: sha256OfBytes(JSON.stringify(object)) }, null, 2)}\n`
}

/** Parses the text of a sealed object; returns undefined if any byte of it has changed. */
export function unseal<T>(text: string): T | undefined {
  try {
    const { sha256, ...object } = JSON.parse(text)
    return seal(object) === text ? object : undefined
  } catch {
    return undefined
  }
}

/** Returns the total size of the night's Parquet files, in bytes. */
export function lakeBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}
