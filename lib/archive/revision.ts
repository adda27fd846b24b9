import type { ListedFile } from './listing.ts'

/** Properties that distinguish the revisions of a night's tarball: the archive may republish a night. */
export type Revision = Pick<ListedFile, 'bytes' | 'modified' | 'md5'>

/** Identifies the tarball that is on disk or was converted into the lake. */
export interface TarballIdentity {
  readonly md5: string
  /** The revision that was listed when the tarball was downloaded or converted; absent if the night was not listed. */
  readonly listed?: Revision
}

/** Copies only the properties of a revision, e.g. from a row of the listing. */
export function revisionOf({ bytes, modified, md5 }: Revision): Revision {
  return { bytes, modified, md5 }
}

/** Whether the archive has republished the night, judged by MD5 if one is listed, otherwise by size and date. */
export function isOutdated({ md5, listed }: TarballIdentity, current: Revision): boolean {
  return current.md5 ? md5 !== current.md5 : listed !== undefined && hasChanged(listed, current)
}

/** Whether two revisions of a night differ: by MD5 if both have one, else by size, and by date if both have one. */
export function hasChanged(before: Revision, current: Revision): boolean {
  if (before.md5 && current.md5) return before.md5 !== current.md5
  const hasNewDate = before.modified !== '' && current.modified !== '' && before.modified !== current.modified
  return hasNewDate || before.bytes !== current.bytes
}
