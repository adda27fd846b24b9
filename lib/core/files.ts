import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, link, lstat, mkdir, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import fastGlob from 'fast-glob'
import { addPath } from './errors.ts'

/** Writes a file so that its name never stands for half of it: beside it first, then renamed. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const beside = `${path}.part`
  try {
    const file = await open(beside, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await remove(beside).catch(() => {})
    addPath(path)(error as NodeJS.ErrnoException)
  }
}

/**
 * Makes a file with all that it says, and tells whether it did: of several processes, on several hosts too, only one
 * does. `link` never replaces a file, not on NFS either. Where its answer was lost on the way, and it was asked again,
 * it says that there is such a file: that it is ours its second name tells.
 */
export async function createExclusive(path: string, text: string): Promise<boolean> {
  const beside = `${path}.${randomUUID()}.part`
  try {
    await writeFile(beside, text, { flush: true }).catch(addPath(path))
    await link(beside, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return (await stat(beside)).nlink > 1
    throw error
  } finally {
    await remove(beside)
  }
}

/** Writes a file only if that changes it; returns whether it did. */
export async function writeChanged(path: string, text: string): Promise<boolean> {
  if ((await readOptional(path)) === text) return false
  await writeAtomic(path, text)
  return true
}

/**
 * Writes a small file into a folder, and removes it: a run that is killed here leaves it to the next.
 * @throws Error of the system where it cannot be written
 */
export async function assertWritable(folder: string): Promise<void> {
  const trial = join(folder, '.trial.part')
  await writeFile(trial, 'x')
    .catch(addPath(folder))
    .finally(() => remove(trial))
}

/** A file's text, or undefined where there is no such file. */
export async function readOptional(path: string): Promise<string | undefined> {
  const read = () => readFile(path, 'utf8')
  return read().catch(ifReplaced(read)).catch(orIfMissing(undefined)).catch(addPath(path))
}

/** What a file of JSON holds that can be made anew; undefined where the disk has spoilt it. */
export function parseOptional<T>(text: string): T | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A file's size in bytes, time of change in ms, and blocks of 512 bytes that it has on the disk; undefined where there is no
 * such file. Links are followed.
 */
export async function statOptional(
  path: string,
): Promise<{ size: number; mtimeMs: number; blocks: number } | undefined> {
  return stat(path).catch(orIfMissing(undefined))
}

/** Whether a name is taken, be it by a link that leads nowhere. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, orIfMissing(false))
}

export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(unlessInUse(path))
}

/** What NFS calls a file that was removed while a process of the same host had it open; it goes when that closes it. */
export function isNfsLeftover(name: string): boolean {
  return /^\.nfs[0-9a-f]+$/i.test(name)
}

/** Moves a file, a folder or a link, be it to another disk, to a name that is free. */
export async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to).catch(async error => {
    if (error.code !== 'EXDEV') throw error
    await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    await remove(from)
  })
}

/** The names in a folder; none where there is no such folder. */
export async function listNames(path: string): Promise<string[]> {
  return readdir(path).catch(orIfMissing([]))
}

/** Waits until the names in a folder are on the disk itself; where there is no such folder there are none. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(orIfMissing(undefined))
  await folder?.sync().finally(() => folder.close())
}

/** MD5 of a file, in hex: what the archive publishes of its tarballs. */
export async function md5Of(path: string): Promise<string> {
  return hashOf('md5', path)
}

/** SHA-256 of a file, in hex: what a manifest records of the lake's files. */
export async function sha256Of(path: string): Promise<string> {
  return hashOf('sha256', path)
}

export function sha256OfBytes(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function hashOf(algorithm: string, path: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

/** A folder of which nothing is left but files that others still read is as good as removed. */
function unlessInUse(path: string): (error: NodeJS.ErrnoException) => Promise<void> {
  return async error => {
    if (!['ENOTEMPTY', 'EBUSY'].includes(error.code ?? '')) throw error
    const left = await readdir(path, { recursive: true, withFileTypes: true }).catch(orIfMissing([]))
    const files = left.filter(entry => !entry.isDirectory())
    if (files.length === 0 || !files.every(({ name }) => isNfsLeftover(name))) throw error
  }
}

/** NFS refuses to read on in a file that another host has replaced since it was opened; its name leads to the new. */
function ifReplaced<T>(again: () => Promise<T>): (error: NodeJS.ErrnoException) => Promise<T> {
  return error => {
    if (error.code !== 'ESTALE') throw error
    return again()
  }
}

function orIfMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return error => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value
    throw error
  }
}

/** The disk where a folder is, or will be: what tells it from others, and the bytes on it that are free to a user. */
export async function diskOf(folder: string): Promise<{ disk: number; free: number }> {
  const there = await stat(folder).catch(orIfMissing(undefined))
  if (!there) return diskOf(dirname(resolve(folder)))
  const { bavail, bsize } = await statfs(folder)
  return { disk: there.dev, free: bavail * bsize }
}

/**
 * Names of the files that match `pattern`, relative to `folder`, sorted; none where there is no such folder.
 * A link to a file is a file; one that leads nowhere is not.
 */
export async function glob(folder: string, pattern: string): Promise<string[]> {
  return (await fastGlob(pattern, { cwd: folder, onlyFiles: true, followSymbolicLinks: true })).sort()
}

/** Each may have a file open, and some systems allow a process no more than 1,024. */
const AT_ONCE = 100

/** Does something with each of many items, some at a time; returns what came of them, in their order. */
export async function mapLimit<T, U>(items: readonly T[], act: (item: T) => Promise<U>): Promise<U[]> {
  const done: U[] = []
  for (let i = 0; i < items.length; i += AT_ONCE)
    done.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(act))))
  return done
}
