import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, unlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createExclusive, listNames, makeFolder, parseOptional, readOptional, remove, writeAtomic } from './files.ts'
import {
  CLOCK,
  type Clock,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  heartbeatPath,
  startHeartbeat,
  stopHeartbeat,
  waitForHeartbeat,
} from './heartbeat.ts'
import { identify, isRunning, POLL_INTERVAL_MS, type ProcessId } from './process.ts'

/**
 * Grace period after taking over a stale lock, in ms. The dead holder's children may keep writing until they notice
 * that it has ended. They check once a second.
 */
export const GRACE_MS = 3 * POLL_INTERVAL_MS

/** Content of a lock file. */
interface Holder extends ProcessId {
  /** Unique to one acquisition of the lock. */
  readonly id: string
  readonly host: string
  /** Command that holds the lock, e.g. `make lake`. */
  readonly what: string
  readonly since: string
}

export interface LockRequest {
  /** Folder that the lock protects. */
  readonly folder: string
  /** Command that acquires the lock, e.g. `make lake`. */
  readonly what: string
  /** Called with a line to print before waiting for another host's heartbeat. */
  readonly onWait: (line: string) => void
}

/** Options that tests replace. */
export interface LockOptions {
  readonly host: string
  /** Time between two heartbeats, in ms. */
  readonly intervalMs: number
  readonly clock: Clock
}

const DEFAULTS: LockOptions = { host: hostname(), intervalMs: HEARTBEAT_INTERVAL_MS, clock: CLOCK }

/**
 * Acquires a pidfile lock for this process. A stale lock is taken over, and a grace period follows. A holder on another
 * host counts as dead if its heartbeat stops.
 *
 * @returns the id of this acquisition, for `isHeldBy`
 * @throws Error naming the holder if the lock is held
 */
export async function acquireLock(
  path: string,
  request: LockRequest,
  options: Partial<LockOptions> = {},
): Promise<string> {
  const { host, intervalMs, clock } = { ...DEFAULTS, ...options }
  const id = randomUUID()
  const holder: Holder = { what: request.what, ...identify(process.pid), host, since: new Date().toISOString(), id }
  await makeFolder(dirname(path))
  const isTakeover = await acquire(path, { ...request, host, clock, text: `${JSON.stringify(holder)}\n` })
  await startHeartbeat(path, () => isHeldBy(path, id), intervalMs)
  if (isTakeover) await clock.sleep(GRACE_MS)
  await removeLeftovers(path)
  return id
}

/** Releases a lock if this process holds it. All children must have stopped writing to the locked folder. */
export function releaseLock(path: string, host = hostname()): void {
  try {
    const holder: Holder = JSON.parse(readFileSync(path, 'utf8'))
    const { pid, start } = identify(process.pid)
    if (holder.host !== host || holder.pid !== pid || holder.start !== start) return
    stopHeartbeat(path)
    rmSync(heartbeatPath(path), { force: true })
    unlinkSync(path)
  } catch {
    // A missing or unreadable lock is not held by this process, and one that cannot be removed will count as stale.
  }
}

/** Whether the lock still has this id; false if it was released or taken over. */
export async function isHeldBy(path: string, id: string): Promise<boolean> {
  return parseHolder(await readOptional(path))?.id === id
}

/** The holder of a lock; undefined if there is none, or if it was a process on this host and has died. */
export async function lockHolder(path: string): Promise<Holder | undefined> {
  const holder = parseHolder(await readOptional(path).catch(() => undefined))
  return holder && (holder.host !== hostname() || isRunning(holder)) ? holder : undefined
}

/** Error handler for read-only commands, which run without the lock if they cannot write its file. */
export function ignoreReadOnly(error: NodeJS.ErrnoException): void {
  if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error
}

/** A process that tries to acquire a lock. */
interface Contender extends LockRequest {
  readonly host: string
  readonly clock: Clock
  /** Content for the lock file. */
  readonly text: string
}

/**
 * Creates a lock file, or replaces a stale one. Replacing requires a second lock, named after the id in the stale one,
 * so that a slower process does not replace the new lock of a faster one.
 *
 * @returns whether a stale lock was taken over
 */
async function acquire(file: string, contender: Contender): Promise<boolean> {
  for (;;) {
    if (await create(file, contender.text)) return false
    const current = await readLock(file, contender.folder)
    if (!current) continue
    await assertStale(current, file, contender)
    const takeover = `${file}.${current.id}`
    await acquire(takeover, contender)
    try {
      if (!(await isHeldBy(file, current.id))) continue
      await writeAtomic(file, contender.text)
      return true
    } finally {
      await remove(takeover)
    }
  }
}

/** Creates a lock file; returns false if there is one already. */
async function create(file: string, text: string): Promise<boolean> {
  return createExclusive(file, text).catch(error => {
    // ENOENT means that another process acquired the lock and removed this process's temporary file as a leftover.
    if (error.code === 'ENOENT') return false
    throw error
  })
}

async function readLock(file: string, folder: string): Promise<Holder | undefined> {
  const text = await readOptional(file)
  const holder = parseHolder(text)
  if (text !== undefined && !holder)
    throw new Error(`${file} is not a readable lock file: if nothing else is using ${folder}, delete it`)
  return holder
}

/** Parses a lock file; undefined if it is not one. The id becomes part of a path, so it must be a plain name. */
function parseHolder(text: string | undefined): Holder | undefined {
  const holder = parseOptional<Holder | null>(text)
  const texts = [holder?.host, holder?.what, holder?.since, holder?.id]
  const isValid = Number(holder?.pid) > 0 && texts.every(value => typeof value === 'string')
  return isValid && /^[\w-]+$/.test(holder?.id ?? '') ? (holder ?? undefined) : undefined
}

/** @throws Error if the holder is alive */
async function assertStale(holder: Holder, file: string, contender: Contender): Promise<void> {
  const { what, pid, host, since, id } = holder
  const held = `${what} (process ${pid} on ${host}, since ${since}) is using ${contender.folder}`
  if (host === contender.host) {
    if (isRunning(holder)) throw new Error(`${held}: wait for it to end, or stop it, then run this again`)
    return
  }
  contender.onWait(
    `waiting   ${held}: taking over if there is no heartbeat for ${HEARTBEAT_TIMEOUT_MS / 1000} s; ` +
      `if that process no longer runs, delete ${file}`,
  )
  if (await waitForHeartbeat(file, () => isHeldBy(file, id), contender.clock))
    throw new Error(`${held}: wait for it to end, or stop it there, then run this again`)
}

/**
 * Removes leftover files whose names start with the lock's name. Live contenders lose their temporary files too, and
 * retry.
 */
async function removeLeftovers(path: string): Promise<void> {
  const names = (await listNames(dirname(path))).filter(name => name.startsWith(`${basename(path)}.`))
  const heartbeat = basename(heartbeatPath(path))
  for (const name of names) if (name !== heartbeat) await remove(join(dirname(path), name))
}
