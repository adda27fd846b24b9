import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream, type Stats } from 'node:fs'
import { cp, link, lstat, mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import fastGlob from 'fast-glob'
import { addPath } from './errors.ts'

/** Writes and syncs a temporary file, then renames it. Creates missing folders. No other process may write the file. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path))
  const temporary = `${path}.part`
  await removeLeftover(temporary)
  try {
    await writeFile(temporary, content, { flush: true })
    await rename(temporary, path)
  } catch (error) {
    await remove(temporary).catch(() => {})
    addPath(path)(error as NodeJS.ErrnoException)
  }
}

/**
 * Atomically replaces a file: `write` writes a temporary file, which is then renamed. Processes that replace the same file
 * at once do not disturb each other, and the last one wins.
 */
export async function replaceFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`
  try {
    await write(temporary)
    await rename(temporary, path)
  } catch (error) {
    await remove(temporary)
    // Errors of other files keep their own paths.
    const { path: failed = temporary } = error as NodeJS.ErrnoException
    throw failed.startsWith(temporary) ? addPath(path)(error as NodeJS.ErrnoException) : error
  }
}

/** Removes the file or link at the path of a temporary file, because a write would follow the link. A folder stays. */
export async function removeLeftover(temporary: string): Promise<void> {
  await unlink(temporary).catch(orIfMissing(undefined))
}

/** Writes and syncs a file. */
export async function writeText(path: string, text: AsyncIterable<string>): Promise<void> {
  // Open the file first. A stream whose input fails while it opens its file would create it after the caller removed it.
  const file = await open(path, 'w')
  await pipeline(text, file.createWriteStream({ flush: true }))
}

/**
 * Creates a file with its full content; returns false if it already exists. Only one of several processes succeeds,
 * even on NFS, because `link` never replaces a file.
 */
export async function createExclusive(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}.part`
  try {
    await writeFile(temporary, text, { flush: true }).catch(addPath(path))
    await link(temporary, path)
    return true
  } catch (error) {
    // After a lost reply, NFS may report EEXIST although it has created the link. In that case, the link count is 2.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return (await stat(temporary)).nlink > 1
    throw error
  } finally {
    await remove(temporary)
  }
}

/** Writes a file unless it already has this content; returns whether it was written. */
export async function writeChanged(path: string, text: string): Promise<boolean> {
  if ((await readOptional(path)) === text) return false
  await writeAtomic(path, text)
  return true
}

/** Creates a folder and its parents. Unlike recursive `mkdir`, it reports EROFS and not ENOENT on a read-only disk. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    // Not makeFolder, which would never end where a folder is missing although its parent exists, as in /proc.
    await mkdir(path).catch(error => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Content of a text file; undefined if it does not exist. Does not wait for the writer of a named pipe. */
export async function readOptional(path: string): Promise<string | undefined> {
  const read = () => readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NONBLOCK })
  // NFS reports ESTALE if another host replaces a file while it is read. A second read opens the new file.
  const retryIfStale = (error: NodeJS.ErrnoException) => (error.code === 'ESTALE' ? read() : Promise.reject(error))
  return read().catch(retryIfStale).catch(orIfMissing(undefined)).catch(addPath(path))
}

/** Parses JSON; undefined if it is missing or corrupt. */
export function parseOptional<T>(text = ''): T | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Result of `stat`; undefined if the path does not exist. */
export async function statOptional(path: string): Promise<Stats | undefined> {
  return stat(path).catch(orIfMissing(undefined))
}

/** Whether a path exists. A dangling link counts as existing. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, orIfMissing(false))
}

/** Removes a file or a folder, if it exists. A folder that contains only `.nfs*` files counts as removed. */
export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(async error => {
    // A path below a file does not exist.
    if (error.code === 'ENOTDIR') return
    if (!['ENOTEMPTY', 'EBUSY'].includes(error.code)) throw error
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(orIfMissing([]))
    const files = entries.filter(entry => !entry.isDirectory())
    if (files.length === 0 || !files.every(({ name }) => isNfsLeftover(name))) throw error
  })
}

/** Whether a name is like `.nfs0123`, which NFS gives to deleted files that are still open. */
export function isNfsLeftover(name: string): boolean {
  return /^\.nfs[0-9a-f]+$/i.test(name)
}

/**
 * Moves a file, folder or link, possibly to another disk. It has its new name only when all of it is there. During a copy
 * to another disk its name begins with `_`, which readers of the lake ignore.
 */
export async function move(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to))
  await rename(from, to).catch(async error => {
    if (error.code !== 'EXDEV') throw error
    await copy(from, to)
    await remove(from)
  })
}

async function copy(from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), `_${basename(to)}.part`)
  await remove(temporary)
  try {
    await cp(from, temporary, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    await syncAll(temporary)
    await rename(temporary, to)
    await syncToDisk(dirname(to))
  } catch (error) {
    await remove(temporary)
    addPath(to)(error as NodeJS.ErrnoException)
  }
}

/** Flushes a file, or a folder with all its files, to disk. */
async function syncAll(path: string): Promise<void> {
  const stat = await lstat(path)
  if (stat.isDirectory()) for (const name of await readdir(path)) await syncAll(join(path, name))
  if (stat.isDirectory() || stat.isFile()) await syncToDisk(path)
}

/** A path that does not exist yet: `path` itself, or with a number appended. */
export async function unusedPath(path: string): Promise<string> {
  let unused = path
  for (let i = 2; await exists(unused); i++) unused = `${path}-${i}`
  return unused
}

/** Names of a folder's entries; empty if it does not exist. */
export async function listNames(path: string): Promise<string[]> {
  return readdir(path).catch(orIfMissing([]))
}

/** Flushes a file, or the entries of a folder, to disk if it exists. */
export async function syncToDisk(path: string): Promise<void> {
  const opened = await open(path).catch(orIfMissing(undefined))
  await opened?.sync().finally(() => opened.close())
}

/** MD5 of a file, in hex. */
export async function md5Of(path: string): Promise<string> {
  return hashOf('md5', path)
}

/** SHA-256 of a file, in hex. */
export async function sha256Of(path: string): Promise<string> {
  return hashOf('sha256', path)
}

export function sha256OfBytes(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Sorted paths of the files that match `pattern`, relative to `folder`. Includes links to files, but not dangling ones.
 */
export async function glob(folder: string, pattern: string): Promise<string[]> {
  return (await fastGlob(pattern, { cwd: folder, onlyFiles: true, followSymbolicLinks: true })).sort()
}

/**
 * Maps items in parallel, and returns the results in order. By default at most 16 calls run at a time, because each may
 * open a file, and some users are allowed only 64. Node.js has four threads for files, so more would not be faster.
 */
export async function mapLimit<T, U>(items: readonly T[], map: (item: T) => Promise<U>, limit = 16): Promise<U[]> {
  const results: U[] = []
  for (let i = 0; i < items.length; i += limit) results.push(...(await Promise.all(items.slice(i, i + limit).map(map))))
  return results
}

/** Items that pass an asynchronous test, in order. At most 16 tests run at a time. */
export async function filterLimit<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const passed = await mapLimit(items, test)
  return items.filter((_, i) => passed[i])
}

async function hashOf(algorithm: string, path: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

function orIfMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return error => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value
    throw error
  }
}
