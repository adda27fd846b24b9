import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseBytes } from './core/units.ts'
import { parseSelection, type Selection } from './selection.ts'

/** One setting: what it is for, its default as a user would write it, and how its text is read. */
interface Setting<T> {
  readonly description: string
  readonly default: string
  /** @throws Error in one sentence where the text is no value of it */
  readonly parse: (text: string, name: string) => T
}

/**
 * The groups of rows that the bench has; `memory` only where it is asked for, since it takes ten minutes to be made.
 */
const BENCH_ROWS = ['inflate', 'original', 'lake', 'tiny', 'uris', 'all', 'memory'] as const
export type BenchRow = (typeof BENCH_ROWS)[number]

/** Every setting, in the order of the README's table. */
export const SETTINGS = {
  NIGHTS: {
    description: 'which nights: `20200101`, `202001`, `2020`, `20200101..20200331`, and lists of those with commas',
    default: '',
    parse: (text: string): Selection => parseSelection(text),
  },
  DATA: { description: 'the folder of tarballs and lake, on any disk', default: 'data', parse: folder },
  URIS: { description: 'the folder of the URL lists', default: 'uris', parse: folder },
  ARCHIVE: { description: "the archive's address", default: 'https://ztf.uw.edu/alerts/public/', parse: address },
  LISTING: {
    description: 'takes the listing from a saved page, a text file, `-` (standard input) or `clipboard` instead',
    default: '',
    parse: (text: string) => text,
  },
  MIN_SIZE: { description: 'leaves out smaller tarballs, e.g. `100M` or `1G`', default: '0', parse: size },
  GROUP: { description: 'URLs a list', default: '5', parse: integer(1, 100_000) },
  FORCE: { description: '`yes` takes a listing that has shrunk', default: 'no', parse: oneOf('no', 'yes') },
  CONNECTIONS: { description: 'connections a download, 16 at most', default: '1', parse: integer(1, 16) },
  KEEP_TARS: {
    description: '`no` removes a tarball once its night is in the lake and checked',
    default: 'yes',
    parse: oneOf('yes', 'no'),
  },
  DEEP: {
    description: '`yes` has `make check` compare each night with its tarball too, where that is still on disk',
    default: 'no',
    parse: yes,
  },
  AHEAD: {
    description: 'GiB of tarballs, or a size such as `500M`, that `make all KEEP_TARS=no` lets wait to be converted',
    default: '100',
    parse: gibibytes,
  },
  WORKERS: { description: 'processes that convert or check nights; `0` is one a core', default: '0', parse: workers },
  LAUNCHER: {
    description:
      'starts tasks on other hosts that share the work of `make lake` and `make download`, such as `srun -N4 -n4 -k`',
    default: '',
    parse: (text: string) => text,
  },
  ELEMENTS: { description: 'elements of the array of `make lake-array`', default: '64', parse: integer(1, 1000) },
  ALERTS_PER_FILE: { description: 'alerts a Parquet file', default: '3000', parse: integer(1, 1_000_000) },
  CODEC: {
    description: '`snappy`, `zstd`, `lz4` or `none`',
    default: 'snappy',
    parse: oneOf('snappy', 'zstd', 'lz4', 'none'),
  },
  Q: { description: 'what `make sql` asks: SQL, as it is', default: '', parse: (text: string) => text },
  FORMAT: {
    description: 'how `make sql` answers: `table`, `csv`, `json` or `parquet`',
    default: 'table',
    parse: oneOf('table', 'csv', 'json', 'parquet'),
  },
  OUT: { description: 'the file that `make sql` writes', default: '', parse: (text: string) => text },
  OBJECT: { description: 'the object that `make look` shows, as `ZTF18aaxcyzb`', default: '', parse: objectId },
  CANDID: { description: 'the alert that `make look` shows, as `516401800615015114`', default: '', parse: candid },
  PNG: { description: '`yes` or `1` has `make look` write a picture too', default: 'no', parse: yes },
  BENCH: {
    description:
      'what `make bench` times, with commas between: ' +
      `rows (${BENCH_ROWS.map(row => `\`${row}\``).join(', ')}), and alerts a night`,
    default: '24000',
    parse: bench,
  },
  CORES: { description: 'for `make plan`: cores a node; `0` is as many as here', default: '0', parse: workers },
  NODES: { description: 'for `make plan`: nodes, on one shared file system', default: '1', parse: integer(1, 10_000) },
  LINK: { description: 'for `make plan`: MB/s that come from the archive in all', default: '300', parse: megabytes },
  DISK: {
    description: 'for `make plan`: MB/s, read and written, of the disk that holds all',
    default: '1000',
    parse: megabytes,
  },
} satisfies Record<string, Setting<unknown>>

export type Settings = { [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]['parse']> }

/**
 * Reads all settings from the environment, where make puts them; an empty one is its default.
 * @throws Error in one sentence where one of them is malformed
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const entries = Object.entries(SETTINGS).map(([name, { parse, default: fallback }]) => [
    name,
    parse(env[name]?.trim() || fallback, name),
  ])
  return Object.fromEntries(entries) as Settings
}

/** The settings as given, for processes elsewhere: their folder is another, and `0` workers another number. */
export function settingsAsGiven(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const given = Object.keys(SETTINGS).map(name => [name, env[name] ?? ''])
  const { DATA, URIS } = readSettings(env)
  return { ...Object.fromEntries(given), DATA: resolve(DATA), URIS: resolve(URIS) }
}

/** The README's table of settings, as Markdown. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(([name, { description, default: value }]) => {
    return `| \`${name}\` | ${value && `\`${value}\``} | ${description} |`
  })
  return ['| setting | default | what it says |', '|---|---|---|', ...rows].join('\n')
}

function folder(text: string): string {
  return text.length > 1 ? text.replace(/\/+$/, '') : text
}

function address(text: string, name: string): URL {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new Error(`${name} is '${text}': expected an http or https address`)
  return new URL(text.endsWith('/') ? text : `${text}/`)
}

function size(text: string, name: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined) throw new Error(`${name} is '${text}': expected a size such as 500M or 1.5G`)
  return bytes
}

function bench(text: string, name: string): { rows: readonly BenchRow[]; alerts: number } {
  const parts = text.split(',').map(part => part.trim())
  const sizes = parts.filter(part => /^\d+$/.test(part))
  const rows = BENCH_ROWS.filter(row => parts.includes(row))
  if (sizes.length > 1 || sizes.length + rows.length < parts.length)
    throw new Error(
      `${name} is '${text}': expected of ${BENCH_ROWS.join(', ')} and one number of alerts, with commas between`,
    )
  const alerts = integer(200, 10_000_000)(sizes[0] ?? '24000', name)
  return { alerts, rows: rows.length > 0 ? rows : BENCH_ROWS.filter(row => row !== 'memory') }
}

/** Letters and digits alone: it becomes part of SQL and of a file's name. */
function objectId(text: string, name: string): string {
  if (text && !/^ZTF\d\d[a-z]{7}$/.test(text))
    throw new Error(`${name} is '${text}': expected a name such as ZTF18aaxcyzb`)
  return text
}

function candid(text: string, name: string): string {
  if (text && !/^\d{16,19}$/.test(text))
    throw new Error(`${name} is '${text}': expected the id of an alert, such as 516401800615015114`)
  return text
}

function yes(text: string, name: string): boolean {
  return ['1', 'yes'].includes(oneOf('yes', 'no', '1', '0')(text, name))
}

/** A bare number is GiB. */
function gibibytes(text: string, name: string): number {
  return size(/\d$/.test(text) ? `${text}G` : text, name)
}

/** Of 10^6 bytes, as links and disks are sold. */
function megabytes(text: string, name: string): number {
  return integer(1, 10_000_000)(text, name) * 1e6
}

function workers(text: string, name: string): number {
  return integer(0, 1024)(text, name) || cores()
}

/** Not every site has Slurm bind a job to the cores that it was given. */
function cores({ SLURM_CPUS_PER_TASK = '' } = process.env): number {
  return Math.min(availableParallelism(), Number(SLURM_CPUS_PER_TASK) || Number.POSITIVE_INFINITY)
}

function integer(least: number, most: number): (text: string, name: string) => number {
  return (text, name) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new Error(`${name} is '${text}': expected a whole number from ${least} to ${most}`)
    return value
  }
}

function oneOf<const T extends string>(...values: T[]): (text: string, name: string) => T {
  return (text, name) => {
    const value = values.find(known => known === text)
    if (value === undefined) throw new Error(`${name} is '${text}': expected ${values.join(', ')}`)
    return value
  }
}
