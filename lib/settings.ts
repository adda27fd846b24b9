import { existsSync, readFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { obstacleAt } from './core/errors.ts'
import { makeFlags } from './core/make-flags.ts'
import { nearest } from './core/nearest.ts'
import { PROJECT } from './paths.ts'
import { parseSelection } from './selection.ts'
import {
  address,
  folder,
  gibibytes,
  integer,
  matching,
  megabytes,
  objectIds,
  oneOf,
  optional,
  path,
  size,
  unexpected,
  workers,
  yes,
} from './setting-values.ts'
import { parseDec, parseRa, parseRadius } from './sky/position.ts'

interface Setting {
  /** Text for the table in docs/settings.md. */
  readonly description: string
  /** Default value, as a user would write it. */
  readonly default: string
  readonly parse: (text: string, name: string) => unknown
}

/** All settings, in the order of the table in docs/settings.md. */
export const SETTINGS = {
  NIGHTS: {
    description: 'nights to work on: `20200101`, `202001`, `2020`, `20200101..20200331`, or several with commas',
    default: '',
    parse: parseSelection,
  },
  ALL: {
    description: '`yes` downloads all nights without a question, even if more than 1 TiB is missing',
    default: 'no',
    parse: yes,
  },
  DATA: { description: 'folder of the tarballs and the lake', default: 'data', parse: folder },
  URIS: { description: 'folder of the URL lists', default: 'uris', parse: folder },
  ARCHIVE: { description: 'address of the archive', default: 'https://ztf.uw.edu/alerts/public/', parse: address },
  LISTING: {
    description: 'read the listing from a saved page, a text file, `-` (standard input) or `clipboard` instead',
    default: '',
    parse: path,
  },
  MIN_SIZE: { description: 'leave out smaller tarballs, e.g. `100M` or `1G`', default: '0', parse: size },
  URLS_PER_LIST: { description: 'URLs per list', default: '5', parse: integer(1, 100_000) },
  FORCE: { description: '`yes` accepts a listing that has lost nights', default: 'no', parse: oneOf('no', 'yes') },
  CONNECTIONS: { description: 'connections per download, at most 16', default: '1', parse: integer(1, 16) },
  KEEP_TARS: {
    description: '`no` removes a tarball once its night is in the lake and checked',
    default: 'yes',
    parse: oneOf('yes', 'no'),
  },
  DEEP: {
    description: '`yes` makes `make check` also compare each night with its tarball, if that is on disk',
    default: 'no',
    parse: yes,
  },
  AHEAD: {
    description: 'tarballs that may wait to be converted in `make all KEEP_TARS=no`, in GiB or e.g. `500M`',
    default: '100',
    parse: gibibytes,
  },
  WORKERS: { description: 'processes that convert, check or index; `0` is one per core', default: '0', parse: workers },
  LAUNCHER: {
    description: 'command that starts the tasks of `make lake` on other hosts, e.g. `srun -N4 -n4 -k`',
    default: '',
    parse: String,
  },
  ELEMENTS: { description: 'elements of the Slurm array of `make lake-array`', default: '64', parse: integer(1, 1000) },
  ALERTS_PER_FILE: { description: 'alerts per Parquet file', default: '3000', parse: integer(1, 1_000_000) },
  CODEC: {
    description: 'compression of the Parquet files: `snappy`, `zstd`, `lz4` or `none`',
    default: 'snappy',
    parse: oneOf('snappy', 'zstd', 'lz4', 'none'),
  },
  Q: { description: 'SQL of `make sql`', default: '', parse: String },
  FORMAT: {
    description:
      'format of an answer: `table` (default of `make sql`), `csv` (default of `make curve` and `make cone`), `ecsv`, `json` or `parquet`',
    default: '',
    parse: oneOf('', 'table', 'csv', 'ecsv', 'json', 'parquet'),
  },
  OUT: { description: 'file to write the answer to', default: '', parse: path },
  MEMORY: {
    description: 'memory of `make sql` and `make cone`, e.g. `4G`; `0` is half of what is free',
    default: '0',
    parse: size,
  },
  OBJECT: {
    description: 'object of `make look`, e.g. `ZTF18aaxcyzb`; `make curve` also takes several, with commas',
    default: '',
    parse: objectIds,
  },
  LIST: {
    description: 'file with object names for `make curve`, or with positions for `make cone`',
    default: '',
    parse: path,
  },
  CANDID: {
    description: 'alert of `make look`, e.g. `516401800615015114`',
    default: '',
    parse: matching(/^\d{16,19}$/, 'the id of an alert, such as 516401800615015114'),
  },
  RA: {
    description: 'right ascension for `make cone`: degrees, or hours such as `14:30:00`',
    default: '',
    parse: optional(parseRa),
  },
  DEC: {
    description: 'declination for `make cone`: degrees, decimal or such as `-05:12:36`',
    default: '',
    parse: optional(parseDec),
  },
  RADIUS: { description: 'radius for `make cone` in arcsec, at most 3600', default: '', parse: optional(parseRadius) },
  TO: {
    description:
      'where `make publish` and `make all` publish the lake: `hdfs://host:port/path`, `s3://bucket/prefix`, `gs://bucket/prefix` or a folder',
    default: '',
    parse: path,
  },
  AT: { description: 'published lake for `make check`, as in TO', default: '', parse: path },
  ENDPOINT: {
    description:
      'address of the server of TO or AT: an S3-compatible store, or WebHDFS if it is not on port 9870 of the host',
    default: '',
    parse: (text, name) => (text ? address(text, name).href.slice(0, -1) : ''),
  },
  KEEP_LAKE: {
    description: '`no` removes a night from this disk once it has been published and verified',
    default: 'yes',
    parse: oneOf('yes', 'no'),
  },
  QUICK: {
    description: '`yes` makes `make check AT=` compare only names and sizes',
    default: 'no',
    parse: yes,
  },
  PNG: { description: '`yes` makes `make look` also write a picture', default: 'no', parse: yes },
  CORES: { description: '`make plan`: cores per node; `0` is the number here', default: '0', parse: workers },
  NODES: { description: '`make plan`: nodes on one shared file system', default: '1', parse: integer(1, 10_000) },
  LINK: { description: '`make plan`: MB/s from the archive, all downloads together', default: '300', parse: megabytes },
  DISK: { description: '`make plan`: MB/s of the disk, reading plus writing', default: '1000', parse: megabytes },
} satisfies Record<string, Setting>

export type Settings = { [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]['parse']> }

/**
 * Parses all settings. The environment, which includes make's command line, has precedence over config.mk. An empty
 * value selects the default.
 * @throws Error if a value is malformed, or config.mk or make's command line has a name that is not a setting
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env, config = readConfig()): Settings {
  refuseUnknown(makeFlags(env.MAKEFLAGS).variables, "make's command line")
  const entries = Object.entries(SETTINGS).map(([name, { parse, default: fallback }]) => [
    name,
    parse(settingText(name, env, config) || fallback, name),
  ])
  return Object.fromEntries(entries) as Settings
}

/** The value of a setting as the user wrote it; empty if it is not set. */
export function settingText(name: string, env: NodeJS.ProcessEnv = process.env, config = readConfig()): string {
  return (env[name] ?? config[name] ?? '').trim()
}

/**
 * Settings as text, for a process on another host. Values are parsed there, because the number of cores may differ.
 * Paths are absolute, because the working folder may differ.
 */
export function settingsForTasks(env: NodeJS.ProcessEnv = process.env, config = readConfig()): Record<string, string> {
  const given = Object.keys(SETTINGS).map(name => [name, settingText(name, env, config)])
  const { DATA, URIS } = readSettings(env, config)
  return { ...Object.fromEntries(given), DATA: resolve(DATA), URIS: resolve(URIS) }
}

/**
 * Reads config.mk, with lines `NAME = value` and `#` comments. Despite its name, make does not read it.
 * @returns the values, by name
 * @throws Error if it is not a file, or a line is malformed or has a name that is not a setting
 */
export function readConfig(path = join(PROJECT, 'config.mk')): Record<string, string> {
  if (!existsSync(path)) return {}
  const obstacle = obstacleAt(path)
  if (obstacle) throw new Error(obstacle)
  const config: Record<string, string> = {}
  for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const text = line.replace(/(^|\s)#.*/, '').trim()
    if (!text) continue
    const [, name = '', value = ''] = /^(\w+)\s*[:?]?=\s*(.*)$/.exec(text) ?? []
    const where = `config.mk, line ${i + 1}`
    if (!name || value.includes('$')) throw new Error(`${where} is '${text}': expected NAME = value, without $`)
    if (value.includes('\0')) throw new Error(`${where} has a NUL character: expected a text file`)
    refuseUnknown([name], where)
    if (/^["']/.test(value) && !MAY_BE_QUOTED.includes(name))
      throw new Error(`${where} is '${text}': expected the value without quotes`)
    config[name] = value
  }
  return config
}

/** Settings in SQL or bash, whose values may begin with a quote. */
const MAY_BE_QUOTED = ['Q', 'LAUNCHER']

/** Variables for developers. They are accepted although they are not settings. */
const NOT_SETTINGS = ['BENCH', 'PEER']

function refuseUnknown(names: readonly string[], where: string): void {
  const unknown = names.find(name => !Object.hasOwn(SETTINGS, name) && !NOT_SETTINGS.includes(name))
  if (unknown === undefined) return
  const meant = nearest(unknown, Object.keys(SETTINGS))
  const advice = meant ? `did you mean ${meant}?` : 'make help lists the settings'
  throw new Error(`${where} has ${unknown}, which is not a setting: ${advice}`)
}

/**
 * Returns the format of a command's answer: FORMAT, or that of OUT's extension, or the first that the command has.
 * @throws Error if the command does not have it
 */
export function chosenFormat<const T extends string>(
  command: string,
  { FORMAT, OUT }: Pick<Settings, 'FORMAT' | 'OUT'>,
  formats: readonly [T, ...T[]],
): T {
  const named = (text: string) => formats.find(name => name === text)
  const found = FORMAT ? named(FORMAT) : (named(extname(OUT).slice(1).toLowerCase()) ?? formats[0])
  if (found === undefined) throw unexpected(FORMAT, 'FORMAT', `${formats.join(', ')} for ${command}`)
  return found
}
