import { accessSync, constants, lstatSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const AGAIN = 'or choose another with DATA=, and run it again'

/** What an error of the system says to a user, of the file or folder that it is about. */
const SENTENCES: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: path => `the disk of ${path} is full: make room, ${AGAIN}`,
  EDQUOT: path => `this user's share of the disk of ${path} is used up: make room, ${AGAIN}`,
  EROFS: path => `${path} is on a disk that is mounted read-only: mount it for writing, ${AGAIN}`,
  EACCES: path => `this user may not read or write ${path}: allow it, ${AGAIN}`,
  EPERM: path => `this user may not change ${path}: allow it, ${AGAIN}`,
  EIO: path => `the disk of ${path} fails: see what the system's log says of it, ${AGAIN}`,
  EMFILE: () =>
    'too many files are open at once: allow more with ulimit -n, or give a smaller WORKERS=, and run it again',
  ENFILE: () => 'too many files are open on this machine: end other programs, and run it again',
  ENOTDIR: path => `a file is in the way where ${path} needs a folder: move it, and run it again`,
  EISDIR: path => `${path} is a folder, expected a file: move it, and run it again`,
  EEXIST: path => `a file is in the way where ${path} needs a folder: move it, and run it again`,
  ESTALE: path => `the server of the disk of ${path} does not know it any more: mount it anew, and run it again`,
  ENAMETOOLONG: path => `${path} is a longer name than its disk allows: ${AGAIN.slice(3)}`,
  ELOOP: path => `${path} is a link that leads back to itself: delete it, and run it again`,
  ENOENT: path => `${path} is not there: was it moved, or is its disk not mounted?`,
}

/**
 * What an error says, in one sentence and without the system's codes; one that is not the system's speaks for itself.
 * @param where what it is about, if it does not tell
 */
export function describeError(error: unknown, where = 'DATA'): string {
  const { code = '', syscall, path = where, message } = error as NodeJS.ErrnoException
  // Of the network another module speaks.
  if (!syscall || !/^E[A-Z]+$/.test(code)) return message
  const sentence = SENTENCES[codeBehind(code, path)]
  return sentence ? sentence(path) : `${path}: ${message.replace(/^E[A-Z]+: /, '')}`
}

/** Names the file in an error of the system: those of writing do not tell it, or that of the file beside. */
export function addPath(path: string): (error: NodeJS.ErrnoException) => never {
  return error => {
    if (error.syscall) error.path = path
    throw error
  }
}

/** An error of the system as it would have been had it been ours: of a program that tells less. */
export function errnoError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path, syscall: 'open' })
}

/** What is in the way of a file, in a sentence that names it and the next step; undefined where nothing is. */
export function obstacleAt(path: string): string | undefined {
  if (isDanglingLink(path))
    return `${path} is a link that leads nowhere: mount its disk, or delete it, and run it again`
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false ? SENTENCES.EISDIR?.(path) : undefined
}

/** Whether there is a link of this name whose target is not there. */
export function isDanglingLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !isThere(path)
}

/** Making a folder and those around it, Node says of a disk that is read-only that there is no such folder. */
function codeBehind(code: string, path: string): string {
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return code
  const above = nearest(resolve(path))
  if (isDanglingLink(above)) return 'ENOENT'
  try {
    accessSync(above, constants.W_OK)
    return code
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS' ? 'EROFS' : code
  }
}

/** The path itself, or what is there of those around it. */
function nearest(path: string): string {
  return isTaken(path) || path === dirname(path) ? path : nearest(dirname(path))
}

/** Of a path that leads through a file Node throws, be it asked not to. */
function isTaken(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

function isThere(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch {
    return false
  }
}
