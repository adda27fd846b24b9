import { existsSync, lstatSync, realpathSync, type Stats, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Setting that advice names. */
type PathSetting = 'DATA' | 'OUT' | 'TO'

const OWN: Readonly<Record<PathSetting, string>> = {
  DATA: 'DATA= and URIS= to folders',
  OUT: 'OUT= to a file',
  TO: 'TO= to a folder',
}
const orElsewhere = (setting: PathSetting) => `or set ${setting}= to another disk, then run this again`
const allowOrElsewhere = (setting: PathSetting) =>
  `change its permissions, or set ${OWN[setting]} of your own, then run this again`

/** A system error. `setting` is that of its path; by default it is DATA. */
export interface FileError extends NodeJS.ErrnoException {
  setting?: PathSetting
}

/** Error messages for the user, by errno code. */
const MESSAGES: Readonly<Record<string, (path: string, setting: PathSetting) => string>> = {
  ENOSPC: (path, setting) =>
    lacksOnlyInodes(path)
      ? `the disk of ${mountOf(path)} has space but cannot hold more files (df -i): delete some files, ${orElsewhere(setting)}`
      : `the disk of ${mountOf(path)} is full: free some space, ${orElsewhere(setting)}`,
  EDQUOT: (path, setting) =>
    `your quota on the disk of ${mountOf(path)} is used up: free some space, ${orElsewhere(setting)}`,
  EROFS: (path, setting) =>
    `${path} is on a disk that is mounted read-only: mount it for writing, ${orElsewhere(setting)}`,
  EACCES: (path, setting) => `no permission to read or write ${path}: ${allowOrElsewhere(setting)}`,
  EPERM: (path, setting) => `no permission to change ${path}: ${allowOrElsewhere(setting)}`,
  EIO: (path, setting) => `input/output error on the disk of ${path}: check the system log, ${orElsewhere(setting)}`,
  EMFILE: () => 'too many open files: raise the limit with ulimit -n, or set a smaller WORKERS=, then run this again',
  ENOENT: path => `${path} does not exist: was it moved, or is its disk not mounted?`,
  ENOTDIR: path => `a file is in the way of the folder of ${path}: move it, then run this again`,
  EEXIST: path => `a file is in the way of the folder ${path}: move it, then run this again`,
  EISDIR: path => `${path} is a folder, expected a file: move it, then run this again`,
  ESTALE: path => `the file server no longer knows ${path}: mount its disk again, then run this again`,
}

/**
 * Message of an error for the user, in words instead of errno codes.
 * @param defaultPath path to show if a system error has none
 */
export function describeError(error: unknown, defaultPath = 'DATA'): string {
  const { code = '', syscall, path = defaultPath, message, setting = 'DATA' } = error as FileError
  // Other errors, such as network errors from lib/archive/http.ts, already have a message for the user.
  if (!syscall || !/^E[A-Z]+$/.test(code)) return message
  return MESSAGES[code]?.(path, setting) ?? `${path}: ${message.replace(/^E[A-Z]+: /, '')}`
}

/** Returns a handler that sets the path in system errors, because write errors have none, or a temporary file's. */
export function addPath(path: string): (error: NodeJS.ErrnoException) => never {
  return error => {
    if (error.syscall) error.path = path
    throw error
  }
}

/** Returns a handler that makes the advice in a system error about OUT name OUT instead of DATA. */
export function adviseOnOut(out: string): (error: FileError) => never {
  return error => {
    if (error.path === out) error.setting = 'OUT'
    throw error
  }
}

/** Creates an errno error like Node's, to report a failure inside another program. */
export function errnoError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path, syscall: 'open' })
}

/** Error message if `path` exists but is not a file, or is a dangling link; undefined if it is a file or missing. */
export function obstacleAt(path: string): string | undefined {
  if (isDanglingLink(path))
    return `${path} is a link to a missing target: mount its disk, or delete the link, then run this again`
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat || stat.isFile()) return undefined
  return `${path} is ${kindOf(stat)}, expected a file: move it, then run this again`
}

export function isDanglingLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && !existsSync(path)
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder'
  return stat.isFIFO() ? 'a named pipe' : stat.isSocket() ? 'a socket' : 'a device'
}

/** Folder where the disk of a path is mounted; the path itself if that cannot be found out. */
function mountOf(path: string): string {
  try {
    let folder = resolve(path)
    while (!existsSync(folder)) folder = dirname(folder)
    folder = realpathSync(folder)
    const { dev } = statSync(folder)
    while (folder !== dirname(folder) && statSync(dirname(folder)).dev === dev) folder = dirname(folder)
    return folder
  } catch {
    return path
  }
}

/** Whether a disk can hold no more files although it has free space. Some file systems, such as Btrfs, report no limit. */
function lacksOnlyInodes(path: string): boolean {
  try {
    const { files, ffree, bavail } = statfsSync(existsSync(path) ? path : dirname(path))
    return files > 0 && ffree === 0 && bavail > 0
  } catch {
    return false
  }
}
