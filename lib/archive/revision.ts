import type { ListedFile } from './listing.ts'

/** A night as the archive lists it at one time: it may be published again, with other alerts. */
export type Revision = Pick<ListedFile, 'bytes' | 'modified' | 'md5'>

/** What is known of a tarball, on disk or in the lake. */
export interface TarballIdentity {
  readonly md5: string
  /** How the archive listed the night when the tarball was fetched or converted; absent where it was not listed. */
  readonly listed?: Revision
}

/** What a row of the listing has of an edition, and nothing else. */
export function revisionOf({ bytes, modified, md5 }: Revision): Revision {
  return { bytes, modified, md5 }
}

/** Whether the archive has published the night again since. An MD5 tells for sure; without one, size and date do. */
export function isOutdated({ md5, listed }: TarballIdentity, now: Revision): boolean {
  return now.md5 ? md5 !== now.md5 : listed !== undefined && hasChanged(listed, now)
}

/** Whether two listings of a night are of different tarballs; a listing need not tell the date, or the MD5. */
export function hasChanged(before: Revision, now: Revision): boolean {
  const differ = (name: 'modified' | 'md5') => before[name] && now[name] && before[name] !== now[name]
  if (before.md5 && now.md5) return Boolean(differ('md5'))
  return before.bytes !== now.bytes || Boolean(differ('modified'))
}
