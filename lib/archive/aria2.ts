import { dirname } from 'node:path'
import { errnoError } from '../core/errors.ts'
import { assertWritable, remove, statOptional } from '../core/files.ts'
import { run } from '../core/shell.ts'
import { statusError } from './http.ts'
import { TransientError } from './retry.ts'

/** One file to fetch with aria2c. */
export interface DownloadRequest {
  readonly url: string
  /** Where the bytes go until they are whole; a file that an earlier run left there is gone on with. */
  readonly part: string
  /** Empty where the archive publishes none. */
  readonly md5: string
  readonly connections: number
  /** Whether the archive answers HEAD requests: aria2c else begins a whole transfer before it goes on with a part. */
  readonly head: boolean
  /** Seconds in which a connection may bring nothing. */
  readonly stall: number
}

/** What aria2c's exit codes mean to the user (aria2c manual, "Exit status"). */
const REASONS: Readonly<Record<number, string>> = {
  1: 'the connection failed or was cut',
  2: 'the archive did not answer in time',
  6: 'the network has a problem',
  7: 'it was interrupted; the next run goes on from there',
  8: 'the archive sends other bytes than it was asked for',
  13: 'a file of that name is in the way',
  19: "the archive's name cannot be resolved",
  22: 'the archive refuses the request',
  23: 'the archive redirects without end',
  24: 'the archive asks for a password',
}

const MAY_HEAL = new Set([1, 2, 6, 8, 19])
/** What it has codes of its own for among the answers of a server. */
const STATUSES: Readonly<Record<number, number>> = { 3: 404, 29: 503 }
const CANNOT_RESUME = 8
const REFUSED = 22
const MISMATCH = 32
const FULL = 9
/** aria2c does not tell what is wrong with the disk: opening, making or writing the file, making the folder. */
const DISK_FAILS = new Set([15, 16, 17, 18])

/**
 * Fetches a file into `part`, which has come to its end when this returns.
 *
 * A user's own aria2.conf would change what is relied on here. Without preallocation a file's size is what has come so
 * far; the default renaming would write beside a file that is there and still succeed. aria2c tries a connection that
 * was cut again at once; whoever calls this waits and tries again, since aria2c would neither try after a 500 nor wait
 * as long as the archive asks.
 *
 * @returns whether the bytes are those of `md5`; true where there is none
 * @throws Passing, or Error, in half a sentence that says why not; what has come so far stays
 */
export async function transfer({ url, part, md5, connections, head, stall }: DownloadRequest): Promise<boolean> {
  await dropUnsure(part, md5, connections)
  const { exitCode, signal, stdout, stderr } = await run('aria2c', [
    '--no-conf',
    // A script that is killed takes aria2c with it: two at one part would spoil it.
    `--stop-with-process=${process.pid}`,
    // Of what it says only errors, which tell the status of a refusal.
    '--console-log-level=error',
    '--show-console-readout=false',
    '--summary-interval=0',
    '--download-result=hide',
    '--enable-color=false',
    `--use-head=${head}`,
    '--continue',
    '--allow-overwrite=true',
    '--auto-file-renaming=false',
    '--file-allocation=none',
    '--max-tries=3',
    `--connect-timeout=${stall}`,
    `--timeout=${stall}`,
    `--max-connection-per-server=${connections}`,
    `--split=${connections}`,
    '--min-split-size=1M',
    `--dir=${dirname(part)}`,
    `--out=${part.slice(dirname(part).length + 1)}`,
    ...(md5 ? [`--checksum=md5=${md5}`] : []),
    url,
  ])
  if (exitCode === CANNOT_RESUME || (exitCode !== 0 && (await statOptional(part))?.size === 0)) await removePart(part)
  if (signal) throw new Error(`aria2c was ended by ${signal}; the next run goes on from there`)
  if (exitCode === FULL) throw errnoError('ENOSPC', part)
  if (DISK_FAILS.has(exitCode ?? -1)) throw await faultOf(part)
  if (exitCode !== 0 && exitCode !== MISMATCH) throw failureOf(exitCode ?? -1, (stdout + stderr).trim())
  if (!(await statOptional(part)) || (!exitCode && (await statOptional(`${part}.aria2`))))
    throw new Error('aria2c left it unfinished')
  // Left where it was killed while it wrote down how far it was.
  await remove(`${part}.aria2__temp`)
  return exitCode === 0
}

/** Removes what has come of a file. */
export async function removePart(part: string): Promise<void> {
  await remove(part)
  for (const own of ['.aria2', '.aria2__temp']) await remove(part + own)
}

/**
 * A part without aria2c's control file was fetched whole, or its bytes came in order; unless it had several
 * connections, when holes are left that only a checksum would show.
 */
async function dropUnsure(part: string, md5: string, connections: number): Promise<void> {
  const control = await statOptional(`${part}.aria2`)
  // A disk that was full leaves it empty, and aria2c then fails for ever.
  if (control?.size === 0 || (!control && !md5 && connections > 1)) await removePart(part)
}

function failureOf(exitCode: number, output: string): Error {
  const told = exitCode === REFUSED ? Number(/ status=(\d+)/.exec(output)?.[1]) : undefined
  const status = STATUSES[exitCode] ?? told
  if (status) return statusError(status)
  const reason = REASONS[exitCode] ?? `aria2c failed (${exitCode}): ${output.split('\n').at(-1)}`
  return MAY_HEAL.has(exitCode) ? new TransientError(reason) : new Error(reason)
}

/** What the system says where aria2c could not write: by writing there once more. */
async function faultOf(part: string): Promise<Error> {
  return assertWritable(dirname(part)).then(
    () => errnoError('EIO', part),
    error => error,
  )
}
