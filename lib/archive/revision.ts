import type { ListedFile } from './listing.ts'

/** Listed properties that show whether the archive has republished a night's tarball. */
export type Revision = Pick<ListedFile, 'bytes' | 'modified' | 'md5'>

/** Identity of a tarball that is on disk or has been converted. */
export interface TarballIdentity {
  readonly md5: string
  /** Revision in the listing at the time of download or conversion; absent if the night was not listed. */
  readonly listed?: Revision
  /** MD5 that its receipt had before, if the bytes have changed although size and modification time have not. */
  readonly formerMd5?: string
}

/** Extracts the revision from an object with further properties, such as a listed file. */
export function revisionOf({ bytes, modified, md5 }: Revision): Revision {
  return { bytes, modified, md5 }
}

/** Whether the archive has republished the tarball. Compares the MD5 if one is listed, otherwise size and date. */
export function isOutdated({ md5, listed }: TarballIdentity, current: Revision): boolean {
  return current.md5 ? md5 !== current.md5 : listed !== undefined && hasChanged(listed, current)
}

/** Whether two revisions differ. Compares MD5s if both have one. Otherwise compares sizes, and dates if known. */
export function hasChanged(before: Revision, current: Revision): boolean {
  if (before.md5 && current.md5) return before.md5 !== current.md5
  const hasNewDate = before.modified !== '' && current.modified !== '' && before.modified !== current.modified
  return hasNewDate || before.bytes !== current.bytes
}
