import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { IndexEntry } from './index-page.ts'

export interface ArchiveFile extends IndexEntry {
  /** Reads bytes from `start` to `end`, exclusive. */
  open(start?: number, end?: number): Readable
}

/** Files of the real archive that are not nights. */
const OTHER_FILES = new Map([
  ['VALIDATE', Buffer.from('validated\n')],
  ['ztf_20200219_programid1.tar.tar', Buffer.alloc(0)],
])
const CHUNK = 65_536

/** All files but MD5SUMS. Call it for every request, so that tests can publish nights while the server runs. */
export async function archiveFiles(
  source: ReadonlyMap<string, Buffer> | string,
  modified: ReadonlyMap<string, Date>,
): Promise<ArchiveFile[]> {
  const own = typeof source === 'string' ? await onDisk(source) : inMemory(source)
  const names = new Set(own.map(file => file.name))
  const others = inMemory(OTHER_FILES).filter(file => !names.has(file.name))
  return [...own, ...others].map(file => ({ ...file, modified: modified.get(file.name) ?? file.modified }))
}

async function onDisk(folder: string): Promise<ArchiveFile[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return Promise.all(entries.filter(entry => entry.isFile()).map(entry => fileOnDisk(folder, entry.name)))
}

async function fileOnDisk(folder: string, name: string): Promise<ArchiveFile> {
  const path = join(folder, name)
  const { size, mtime } = await stat(path)
  const open = (start = 0, end = size) =>
    end > start ? createReadStream(path, { start, end: end - 1 }) : emptyStream()
  return { name, size, modified: mtime, open }
}

function inMemory(files: ReadonlyMap<string, Buffer>): ArchiveFile[] {
  return [...files].map(([name, bytes]) => ({
    name,
    size: bytes.length,
    modified: publicationDate(name),
    open: (start = 0, end = bytes.length) => Readable.from(chunks(bytes.subarray(start, end)), { objectMode: false }),
  }))
}

function* chunks(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK) yield bytes.subarray(start, start + CHUNK)
}

function emptyStream(): Readable {
  return Readable.from([], { objectMode: false })
}

/** The morning after the night, when the archive publishes its tarball. */
function publicationDate(name: string): Date {
  const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)/.exec(name) ?? [undefined, '2026', '07', '02']
  return new Date(`${year}-${month}-${day}T07:22:00Z`)
}
