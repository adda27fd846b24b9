import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { REMOTE } from './remote-paths.ts'

/** A file at a target. Paths are relative to the target, with slashes. */
export interface RemoteFile {
  readonly path: string
  readonly bytes: number
}

/** Size of a file, and its SHA-256 in hex. */
export interface Expected {
  readonly bytes: number
  readonly sha256: string
}

/** What a file at a target has to contain. */
export interface Content extends Expected {
  /** Opens the source of the copy. */
  readonly open: () => Readable
}

/**
 * A place to which a lake is published. Methods throw a TransientError if another attempt may succeed, and
 * TargetUnusable if no file can be published there.
 */
export interface Target {
  /** The address as the user gave it, without a slash at its end. */
  readonly address: string
  /** All files below a folder, at any depth, in any order; none if the folder does not exist. */
  list(folder: string): Promise<RemoteFile[]>
  /** The content of a file; undefined if it does not exist. An error of the stream is a TransientError too. */
  get(path: string): Promise<Readable | undefined>
  /**
   * Creates or replaces a file. It appears at once and as a whole, after its bytes have been verified at the target.
   * @throws WrongBytes if the target has received other bytes
   */
  put(path: string, content: Content): Promise<void>
  /** Deletes a file if it exists; if the target has folders, also a folder with all its files. */
  delete(path: string): Promise<void>
  /**
   * Renames a file, or a folder to one that does not exist or is empty. Creates missing parents. Succeeds if an earlier
   * attempt has renamed it already. Absent if the target has no folders: files are then put in their places.
   */
  move?(from: string, to: string): Promise<void>
}

/** Folder for unpublished files, which readers ignore. */
export const STAGING = REMOTE.staging

/** Path of a file in the staging folder while it is written, for targets whose files do not appear as a whole. */
export function temporaryPath(path: string): string {
  return `${STAGING}/${path.replaceAll('/', '-')}.part`
}

/** Error of a target that cannot take any file: it is full, does not exist, or does not accept the credentials. */
export class TargetUnusable extends Error {}

/** Error of a file at the target that does not have the expected bytes. */
export class WrongBytes extends Error {}

/**
 * Compares a file at the target with what it should contain.
 * @returns the fault, which completes a sentence that begins with the file's path; undefined if there is none
 */
export async function faultAt(target: Target, path: string, { bytes, sha256 }: Expected): Promise<string | undefined> {
  const stream = await target.get(path)
  if (!stream) return `is missing, expected ${bytes} bytes`
  const hash = createHash('sha256')
  let found = 0
  for await (const chunk of stream) {
    hash.update(chunk)
    found += chunk.length
  }
  if (found !== bytes) return `has ${found} bytes, expected ${bytes}`
  const digest = hash.digest('hex')
  return digest === sha256 ? undefined : `has the SHA-256 ${digest}, expected ${sha256}`
}

/** @throws WrongBytes if a file at the target does not have the expected bytes */
export async function readBack(target: Target, path: string, expected: Expected): Promise<void> {
  const fault = await faultAt(target, path, expected)
  if (fault) throw new WrongBytes(`${target.address}/${path} ${fault}`)
}

/** Reads a text file at a target; undefined if it does not exist. */
export async function readText(target: Target, path: string): Promise<string | undefined> {
  const stream = await target.get(path)
  return stream && text(stream)
}
