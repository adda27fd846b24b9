import { basename, dirname } from 'node:path'
import { assertWritable } from '../core/disk.ts'
import { errnoError } from '../core/errors.ts'
import { exists, remove, statOptional } from '../core/files.ts'
import { TransientError } from '../core/retry.ts'
import { runWithFileLimit } from '../core/shell.ts'
import { showBytes } from '../core/units.ts'
import { findAria2c } from './aria2-program.ts'
import { statusError } from './http.ts'
import { removePart } from './partial-file.ts'

export interface DownloadRequest {
  readonly url: string
  /** Path of the partial file, which is resumed if it exists. */
  readonly part: string
  /** MD5 in hex; empty if the archive publishes none. */
  readonly md5: string
  readonly connections: number
  /** Whether the server supports HEAD. If not, aria2c first requests the whole file, even to resume a partial one. */
  readonly head: boolean
  /** Time without data after which a connection counts as failed, in s. */
  readonly stallSeconds: number
  /** Size in bytes beyond which the transfer is stopped, because the server may never end it. */
  readonly maxBytes: number
}

/**
 * Rate in bytes/s of a connection below which it counts as failed; aria2c takes the mean of ten seconds. A few bytes now
 * and then would otherwise keep a transfer alive forever. A line of 1 Mbit/s that is shared by 16 connections for each
 * of five downloads still gives each connection half as much again.
 */
const MIN_RATE = 1024
/** Number of bytes that a transfer has to bring before it becomes too slow, to count as progress. */
const SLOW_PROGRESS = 1 << 20

// Exit codes of aria2c: see "EXIT STATUS" in its manual.
const TRANSIENT_ERRORS: Readonly<Record<number, string>> = {
  1: 'the connection failed or was closed',
  2: 'the archive did not answer in time',
  6: 'there was a network problem',
  8: 'the archive sent other bytes than requested',
  19: "the archive's host name cannot be resolved",
}
const PERMANENT_ERRORS: Readonly<Record<number, string>> = {
  7: 'aria2c was interrupted; the next run resumes',
  22: 'the archive refuses the request',
}
/** HTTP status for each exit code that corresponds to one. */
const STATUS_OF_CODE: Readonly<Record<number, number>> = { 3: 404, 29: 503 }
const TOO_SLOW = 5
const CANNOT_RESUME = 8
const DISK_FULL = 9
const BAD_RESPONSE = 22
const CHECKSUM_MISMATCH = 32
/** Exit codes for failures to open, create or write the file or its folder. They do not reveal the reason. */
const DISK_ERRORS = new Set([15, 16, 17, 18])

/**
 * Downloads a file into `part`. The caller retries with backoff after transient errors, because aria2c does not retry
 * after status 500 and ignores `Retry-After`.
 *
 * @returns whether the MD5 matches; true if `md5` is empty
 * @throws TransientError if another attempt may succeed, otherwise Error; a resumable partial file is kept
 */
export async function transfer(request: DownloadRequest): Promise<boolean> {
  const { part, maxBytes } = request
  await removeUnverifiable(request)
  const { program, options } = await findAria2c()
  const args = [...options, ...argumentsFor(request)]
  const { exitCode, signal, stdout, stderr } = await runWithFileLimit(maxBytes, program, args)
  await assertNotLarger(request)
  if (exitCode === null) throw new Error(`aria2c was ended by ${signal}; the next run resumes`)
  if (exitCode === CANNOT_RESUME || (exitCode !== 0 && (await statOptional(part))?.size === 0)) await removePart(part)
  if (exitCode === DISK_FULL) throw errnoError('ENOSPC', part)
  if (DISK_ERRORS.has(exitCode)) throw await diskError(part)
  if (exitCode !== 0 && exitCode !== CHECKSUM_MISMATCH) throw exitError(exitCode, (stdout + stderr).trim())
  if (!(await exists(part)) || (exitCode === 0 && (await exists(`${part}.aria2`))))
    throw new Error('aria2c left the file incomplete')
  // aria2c leaves this file if it is killed while saving its control file.
  await remove(`${part}.aria2__temp`)
  return exitCode === 0
}

function argumentsFor({ url, part, md5, connections, head, stallSeconds }: DownloadRequest): string[] {
  return [
    // The user's aria2.conf could change options that this module relies on.
    '--no-conf',
    // Like Node.js, which reads the listing: without the credentials of ~/.netrc, and without a proxy.
    '--no-netrc',
    ...['all', 'http', 'https'].map(scheme => `--${scheme}-proxy=`),
    // Make aria2c exit with this process. Otherwise the next run's aria2c could write to the same file and corrupt it.
    `--stop-with-process=${process.pid}`,
    // Log errors, because `exitError` parses the HTTP status in them.
    '--console-log-level=error',
    '--show-console-readout=false',
    '--summary-interval=0',
    '--download-result=hide',
    '--enable-color=false',
    `--use-head=${head}`,
    '--continue',
    '--allow-overwrite=true',
    // With renaming, aria2c would download to a different name and still report success.
    '--auto-file-renaming=false',
    // Without preallocation, the space used on disk shows the progress.
    '--file-allocation=none',
    '--max-tries=3',
    `--connect-timeout=${stallSeconds}`,
    `--timeout=${stallSeconds}`,
    `--lowest-speed-limit=${MIN_RATE}`,
    `--max-connection-per-server=${connections}`,
    `--split=${connections}`,
    '--min-split-size=1M',
    `--dir=${dirname(part)}`,
    `--out=${basename(part)}`,
    ...(md5 ? [`--checksum=md5=${md5}`] : []),
    url,
  ]
}

/**
 * Removes a partial file that cannot be resumed safely. It may be larger than the file in the archive. Without a control
 * file, a download over several connections may have holes that only an MD5 would reveal. A full disk leaves an empty
 * control file, which always makes aria2c fail.
 */
async function removeUnverifiable({ part, md5, connections, maxBytes }: DownloadRequest): Promise<void> {
  const control = await statOptional(`${part}.aria2`)
  const bytes = (await statOptional(part))?.size ?? 0
  if (bytes > maxBytes || control?.size === 0 || (!control && !md5 && connections > 1)) await removePart(part)
}

async function assertNotLarger({ part, maxBytes }: DownloadRequest): Promise<void> {
  if (((await statOptional(part))?.size ?? 0) <= maxBytes) return
  await removePart(part)
  throw new Error(
    `the archive sends more than ${showBytes(maxBytes)}, the most that fits the listed size: ` +
      'run make uris to list it again',
  )
}

function exitError(exitCode: number, output: string): Error {
  const reported = exitCode === BAD_RESPONSE && Number(/ status=(\d+)/.exec(output)?.[1])
  const status = STATUS_OF_CODE[exitCode] ?? reported
  if (status) return statusError(status)
  if (exitCode === TOO_SLOW)
    return new TransientError(`the archive sends less than ${showBytes(MIN_RATE)}/s`, { minProgress: SLOW_PROGRESS })
  const transient = TRANSIENT_ERRORS[exitCode]
  if (transient) return new TransientError(transient)
  return new Error(PERMANENT_ERRORS[exitCode] ?? `aria2c failed (${exitCode}): ${output.split('\n').at(-1)}`)
}

/** Finds out which disk error aria2c hit, by writing to the same folder. */
async function diskError(part: string): Promise<Error> {
  const thrown = await assertWritable(dirname(part)).catch(error => error)
  return thrown ?? errnoError('EIO', part)
}
