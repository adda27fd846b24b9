import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { literalPath, query } from '../core/duckdb.ts'
import { glob, makeFolder, mapLimit, remove, statOptional } from '../core/files.ts'
import { has, run } from '../core/shell.ts'
import { plural } from '../core/units.ts'
import { type BenchNights, quote, sum } from './nights.ts'
import type { Trial } from './timing.ts'

/** Another converter to compare with. `PATH TARBALL:FOLDER` converts a tarball to Parquet files in a new folder. */
export interface Peer {
  readonly name: string
  readonly path: string
}

/**
 * Parses PEER, the path of a converter; undefined if it is empty.
 * @throws Error if it is not an executable file, or GNU time is not installed
 */
export async function parsePeer(text = ''): Promise<Peer | undefined> {
  if (!text.trim()) return undefined
  const path = resolve(text.trim())
  if (!(await statOptional(path))?.isFile() || !(await has(path)))
    throw new Error(`PEER is '${text}': expected the path of an executable file`)
  // `env` runs the program `time`, not bash's keyword of that name.
  if ((await run('env', ['time', '-f', '%M', 'true'])).exitCode !== 0)
    throw new Error('PEER needs GNU time to measure memory: install it, e.g. with apt-get install time')
  return { name: basename(path), path }
}

/** Trial that converts the first `count` nights with another program: one process per night, all at the same time. */
export async function peerTrial(peer: Peer, name: string, nights: BenchNights, count: number): Promise<Trial> {
  const folder = join(nights.paths.data, 'peer')
  const jobs = Array.from({ length: count }, (_, i) => ({
    tarball: nights.tarball(i),
    output: join(folder, String(i)),
    memory: join(folder, `${i}.memory`),
  }))
  const size = await nights.size(count)
  const tarBytes = await nights.tarBytes(count)
  return {
    name: `${peer.name}, ${name}`,
    ...size,
    prepare: async () => {
      await remove(folder)
      await makeFolder(folder)
    },
    command: allOf(
      jobs.map(
        ({ tarball, output, memory }) =>
          `command time -f %M -o ${quote(memory)} ${quote(peer.path)} ${quote(`${tarball}:${output}`)}`,
      ),
    ),
    lake: async () => {
      const memory = await Promise.all(jobs.map(job => peakMemory(job.memory)))
      const lake = await parquetSize(folder)
      if (lake.rows !== size.alerts)
        throw new Error(`${peer.path} wrote ${plural(lake.rows, 'alert')}, expected ${plural(size.alerts, 'alert')}`)
      // Free the disk space for the next trial.
      await remove(folder)
      return { memory: Math.max(...memory), ratio: tarBytes / lake.bytes }
    },
  }
}

/** Returns a command line for bash that runs commands at the same time, and fails if any of them fails. */
function allOf(commands: readonly string[]): string {
  const starts = commands.map((command, i) => `${command} & p${i}=$!`)
  const waits = commands.map((_, i) => `wait $p${i}`)
  return `${starts.join('; ')}; ${waits.join(' && ')}`
}

/** Returns the peak memory in bytes from a file to which GNU time has written it in KiB. */
async function peakMemory(path: string): Promise<number> {
  return Number(await readFile(path, 'utf8')) * 1024
}

/** Returns the number of rows and the total size of all Parquet files in a folder. */
async function parquetSize(folder: string): Promise<{ rows: number; bytes: number }> {
  const files = (await glob(folder, '**/*.parquet')).map(file => join(folder, file))
  if (files.length === 0) return { rows: 0, bytes: 0 }
  const [counted] = await query(`select sum(num_rows) as n from parquet_file_metadata([${files.map(literalPath)}])`)
  return { rows: Number(counted?.n), bytes: sum((await mapLimit(files, file => stat(file))).map(({ size }) => size)) }
}
