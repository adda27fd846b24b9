import { basename } from 'node:path/posix'
import { type Manifest, seal } from '../lake/manifest.ts'
import { isOwnFile, type Night } from '../night.ts'
import { REMOTE } from './remote-paths.ts'
import type { Expected } from './target.ts'

/** Folders of the data folder that are published. */
export const TREES = ['lake', 'candidates', 'index'] as const

/** A file that a record describes. Its path is relative to the target, and to the data folder. */
export interface RecordedFile extends Expected {
  readonly path: string
}

/** A night's Parquet files in the lake. */
export function lakeFilesOf(night: Night, { files }: Manifest): RecordedFile[] {
  return files.map(({ name, bytes, sha256 }) => ({ path: `${REMOTE.partition(night)}/${name}`, bytes, sha256 }))
}

/** Whether a path is that of a Parquet file of this night. */
export function isFileOf(night: Night, path: string): boolean {
  return isOwnFile(night, basename(path))
}

/** All files of a night except its manifest. */
export function filesOf(night: Night, manifest: Manifest): RecordedFile[] {
  const { candidates } = manifest
  return [
    ...lakeFilesOf(night, manifest),
    ...(candidates ? [{ path: REMOTE.candidatesFile(night), ...candidates }] : []),
  ]
}

/** Total size of these files, in bytes. */
export function bytesOf(night: Night, manifest: Manifest): number {
  return filesOf(night, manifest).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The text of a night's manifest at a target, which does not say that the night has been moved there. */
export function publishedText({ movedTo: _, ...manifest }: Manifest): string {
  return seal(manifest)
}
