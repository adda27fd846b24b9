import { availableParallelism, homedir } from 'node:os'
import { parseBytes } from './core/units.ts'

// Parsers of the settings' values. Each throws an Error if the text is malformed.

/** An object's name. */
export const OBJECT_ID = /^ZTF\d\d[a-z]{7}$/

/** Parses a folder's path. A backslash is refused, because fast-glob takes it for a slash and would find no files. */
export function folder(text: string, name: string): string {
  if (text.includes('\\')) throw unexpected(text, name, 'a folder without a backslash in its name')
  return path(text, name).length > 1 ? text.replace(/\/+$/, '') : text
}

/** Parses the path of a file or folder. A leading `~` is refused, because not every shell expands it after `NAME=`. */
export function path(text: string, name: string): string {
  if (/^~[^/]*(\/|$)/.test(text)) throw unexpected(text, name, `a path without ~, such as ${homedir()}/ztf`)
  return text
}

/** Parses the address of a folder; returns it with a trailing slash. */
export function address(text: string, name: string): URL {
  // Do not show the value, because it may contain a password.
  if (/^[^/]*\/\/[^/]*@/.test(text))
    throw new Error(`${name} contains a user name or a password: expected an address without them`)
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw unexpected(text, name, 'an http or https address')
  return new URL(text.endsWith('/') ? text : `${text}/`)
}

/** Parses a size such as `1.5G`; returns bytes. DuckDB refuses a size that does not fit 64 bits. */
export function size(text: string, name: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || !Number.isSafeInteger(bytes))
    throw unexpected(text, name, 'a size such as 500M or 1.5G, below 8192T')
  return bytes
}

/** Parses a size; a number without a unit is in GiB. */
export function gibibytes(text: string, name: string): number {
  return size(/\d$/.test(text) ? `${text}G` : text, name)
}

/** Parses a number of MB, which are 10^6 bytes; returns bytes. */
export function megabytes(text: string, name: string): number {
  return integer(1, 10_000_000)(text, name) * 1e6
}

/** Parses `yes` or `no`; 1 and 0 mean the same. */
export function yes(text: string, name: string): boolean {
  return text === '1' || (text !== '0' && oneOf('yes', 'no')(text, name) === 'yes')
}

/**
 * Parses a number of workers or cores; 0 means the number of cores. In a Slurm job, only the granted cores count: they
 * are read from the environment, because not every site binds jobs to their cores.
 */
export function workers(text: string, name: string): number {
  const granted = Number(process.env.SLURM_CPUS_PER_TASK) || Number.POSITIVE_INFINITY
  return integer(0, 1024)(text, name) || Math.min(availableParallelism(), granted)
}

/** Parses names of objects. A name must match the pattern, because it becomes part of SQL and file names. */
export function objectIds(text: string, name: string): readonly string[] {
  const ids = text ? text.split(',').map(id => id.trim()) : []
  if (!ids.every(id => OBJECT_ID.test(id))) throw unexpected(text, name, 'a name such as ZTF18aaxcyzb')
  return ids
}

/** Parses an id, which may be empty. An id must match the pattern, because it becomes part of SQL and file names. */
export function matching(pattern: RegExp, expected: string): (text: string, name: string) => string {
  return (text, name) => {
    if (text && !pattern.test(text)) throw unexpected(text, name, expected)
    return text
  }
}

/** Makes a parser accept an empty value, which is undefined. */
export function optional<T>(parse: (text: string, name: string) => T): (text: string, name: string) => T | undefined {
  return (text, name) => (text === '' ? undefined : parse(text, name))
}

/** Makes a parser of whole numbers in a range, which includes both ends. */
export function integer(min: number, max: number): (text: string, name: string) => number {
  return (text, name) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw unexpected(text, name, `a whole number from ${min} to ${max}`)
    return value
  }
}

/** Makes a parser that accepts only these values. */
export function oneOf<const T extends string>(...values: T[]): (text: string, name: string) => T {
  return (text, name) => {
    const value = values.find(allowed => allowed === text)
    if (value === undefined) throw unexpected(text, name, values.filter(Boolean).join(', '))
    return value
  }
}

/** Error of a setting whose value is malformed. */
export function unexpected(text: string, name: string, expected: string): Error {
  return new Error(`${name} is '${text}': expected ${expected}`)
}
