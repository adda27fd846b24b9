import type { ListedFile } from './listing.ts'

/** The properties that distinguish one revision of a night from another: the archive may publish a night again. */
export type Revision = Pick<ListedFile, 'bytes' | 'modified' | 'md5'>

/** Which tarball is on disk, or was converted into the lake. */
export interface TarballIdentity {
  readonly md5: string
  /** The revision that was listed when the tarball was downloaded or converted; absent if the night was not listed. */
  readonly listed?: Revision
}

/** The revision of a row of the listing. */
export function revisionOf({ bytes, modified, md5 }: Revision): Revision {
  return { bytes, modified, md5 }
}

/** Whether the archive has published the night again: by its MD5 if one is listed, otherwise by size and date. */
export function isOutdated({ md5, listed }: TarballIdentity, current: Revision): boolean {
  return current.md5 ? md5 !== current.md5 : listed !== undefined && hasChanged(listed, current)
}

/** Whether two rows of a night are different revisions. A date or an MD5 that one of them lacks is not compared. */
export function hasChanged(before: Revision, current: Revision): boolean {
  if (before.md5 && current.md5) return before.md5 !== current.md5
  const hasNewDate = before.modified !== '' && current.modified !== '' && before.modified !== current.modified
  return hasNewDate || before.bytes !== current.bytes
}
