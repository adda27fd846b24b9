import { basename } from 'node:path/posix'
import type { Order } from '../index/record.ts'
import { type Manifest, seal } from '../lake/manifest.ts'
import { isOwnFile, type Night, partition } from '../night.ts'
import type { Expected } from './target.ts'

// At a target, a lake has the same paths as in the data folder.

/** Folders of the data folder that are published. */
export const TREES = ['lake', 'candidates', 'index'] as const
export const MANIFESTS = 'lake/_manifest'
export const COMMON_METADATA = 'lake/_common_metadata'
export const FILES = 'lake/_files.parquet'
export const CHECKSUMS = 'lake/_SHA256SUMS'
export const INDEX_RECORD = 'index/_inputs.json'

/** A file that a record describes. Its path is relative to the target, and to the data folder. */
export interface RecordedFile extends Expected {
  readonly path: string
}

export function manifestPath({ stem }: Night): string {
  return `${MANIFESTS}/${stem}.json`
}

export function partitionPath(night: Night): string {
  return `lake/${partition(night)}`
}

export function candidatesPath(night: Night): string {
  return `candidates/${partition(night)}/${night.stem}.parquet`
}

/** A night's Parquet files in the lake. */
export function lakeFilesOf(night: Night, { files }: Manifest): RecordedFile[] {
  return files.map(({ name, bytes, sha256 }) => ({ path: `${partitionPath(night)}/${name}`, bytes, sha256 }))
}

/** Whether a path is that of a Parquet file of this night. */
export function isFileOf(night: Night, path: string): boolean {
  return isOwnFile(night, basename(path))
}

/** All files of a night except its manifest. */
export function filesOf(night: Night, manifest: Manifest): RecordedFile[] {
  const { candidates } = manifest
  return [...lakeFilesOf(night, manifest), ...(candidates ? [{ path: candidatesPath(night), ...candidates }] : [])]
}

/** Total size of these files, in bytes. */
export function bytesOf(night: Night, manifest: Manifest): number {
  return filesOf(night, manifest).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The text of a night's manifest at a target, which does not say that the night has been moved there. */
export function publishedText({ movedTo: _, ...manifest }: Manifest): string {
  return seal(manifest)
}

export function indexPath(order: Order, month: string): string {
  return `index/${order}/year=${month.slice(0, 4)}/month=${month.slice(4)}/${order}.parquet`
}
