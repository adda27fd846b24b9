import { createHash } from 'node:crypto'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListedFile } from '../../lib/archive/listing.ts'
import { writeListingFile } from '../../lib/archive/listing-file.ts'
import { writeReceipt } from '../../lib/archive/receipts.ts'
import { writeUrlLists } from '../../lib/archive/url-lists.ts'
import { type Manifest, writeManifest } from '../../lib/lake/manifest.ts'
import { type Night, parseNight } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { readSettings, type Settings } from '../../lib/settings.ts'

// Files that record the state of nights. Their contents are made up: what decides about a night reads only its records.

/** A row of the listing. Without an MD5, its size and date distinguish revisions. */
export function listedNight(date: string, change: Partial<ListedFile> = {}): ListedFile {
  const name = `ztf_public_${date}.tar.gz`
  const url = `https://archive.example/${name}`
  return { name, night: date, bytes: 1e6, modified: '2020-05-05 07:22', md5: '', url, kind: 'night', ...change }
}

export function nightAt(date: string): Night {
  return parseNight(`ztf_public_${date}.tar.gz`) as Night
}

/** Writes the listing, and the URL lists of those rows that `isSelected` accepts. */
export async function writeListing(
  paths: Paths,
  rows: readonly ListedFile[],
  isSelected: (row: ListedFile) => boolean = () => true,
): Promise<void> {
  const { URIS } = settingsOf(paths)
  await writeListingFile(URIS, rows)
  await writeUrlLists(URIS, rows.filter(isSelected), 100)
}

export function settingsOf({ data }: Paths, settings: Record<string, string> = {}): Settings {
  return readSettings({ DATA: data, URIS: join(data, 'uris'), ...settings }, {})
}

/** Puts a tarball of this content on disk, with its receipt. Returns its MD5. */
export async function putTarball(paths: Paths, night: Night, content: string, listed?: ListedFile): Promise<string> {
  await mkdir(paths.tarballs, { recursive: true })
  await writeFile(paths.tarball(night), content)
  return (await writeReceipt(paths, night, paths.tarball(night), listed)).md5
}

/** Writes the manifest of a night whose tarball had this content. */
export async function putInLake(
  paths: Paths,
  night: Night,
  content: string,
  change: Partial<Manifest> = {},
): Promise<void> {
  await writeManifest(paths, night, manifestOf(night, { md5: md5Of(content), ...change }))
}

export async function breakManifest(paths: Paths, night: Night): Promise<void> {
  await mkdir(paths.manifests, { recursive: true })
  await writeFile(paths.manifest(night), '{"tarball": ')
}

/** Sets the modification time of a file to this many ms ago. */
export async function setAge(path: string, ms: number): Promise<void> {
  const time = new Date(Date.now() - ms)
  await utimes(path, time, time)
}

export function md5Of(content: string): string {
  return createHash('md5').update(content).digest('hex')
}

export function manifestOf({ name, date }: Night, change: Partial<Manifest> = {}): Manifest {
  return {
    ...{ tarball: name, night: date, state: 'whole', md5: md5Of('') },
    ...{ tarballBytes: 2000, tarBytes: 6000, members: 10, alerts: 10, duplicates: 0, damaged: 0 },
    ...{ duplicateCandids: [], damagedPackets: [], schemaVersions: { '3.3': 10 }, newColumns: [] },
    files: [{ name: 'a.parquet', alerts: 10, bytes: 3000, sha256: '' }],
    ...{ codec: 'snappy', alertsPerFile: 3000, writer: 'ztf-lake', unread: false, peakMemory: 0, seconds: 1.5 },
    ...change,
  }
}
