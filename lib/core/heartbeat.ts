import { constants } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readOptional } from './files.ts'
import { POLL_INTERVAL_MS } from './process.ts'

// A lock's holder rewrites a file next to the lock every few seconds, because other hosts cannot check its process id.
// Observers compare the file's text, because modification times on network file systems may be stale.

export const HEARTBEAT_INTERVAL_MS = 5000

/** Time without a heartbeat after which the holder counts as dead, in ms. An NFS client may cache a file for 60 s. */
export const HEARTBEAT_TIMEOUT_MS = 90_000

/** Time source, which tests replace to avoid waiting. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number
  sleep(ms: number): Promise<unknown>
}

export const CLOCK: Clock = { now: () => performance.now(), sleep }

/** Length of each heartbeat in bytes. It is constant, so that the file can be rewritten on a full disk. */
const LENGTH = 40

const timers = new Map<string, NodeJS.Timeout>()

/**
 * Sends heartbeats for a lock until `stopHeartbeat` is called or this process ends.
 * @param isHeld whether this process still holds the lock; if not, an uncaught error ends this process
 */
export async function startHeartbeat(lock: string, isHeld: () => Promise<boolean>, intervalMs: number): Promise<void> {
  stopHeartbeat(lock)
  let count = 0
  const beat = async () => {
    // Ignore read errors, because they may be transient and do not mean that the lock is lost.
    const held = await isHeld().catch(() => true)
    if (timers.get(lock) !== timer) return
    if (!held) throw new Error(`${lock} was deleted or taken over by another run, so this one ends: run it again`)
    await writeHeartbeat(lock, `${process.pid} ${++count}`)
  }
  await writeHeartbeat(lock, `${process.pid} ${count}`, constants.O_WRONLY | constants.O_CREAT)
  const timer = setInterval(beat, intervalMs).unref()
  timers.set(lock, timer)
}

export function stopHeartbeat(lock: string): void {
  clearInterval(timers.get(lock))
  timers.delete(lock)
}

/** Returns a function that reads a lock's heartbeat and returns whether it has changed within the timeout. */
export function watchHeartbeat(lock: string, clock = CLOCK): () => Promise<boolean> {
  let [text, changedAt]: [string | undefined, number] = [undefined, clock.now()]
  return async () => {
    const read = await readOptional(heartbeatPath(lock))
    if (read !== text) [text, changedAt] = [read, clock.now()]
    return clock.now() - changedAt < HEARTBEAT_TIMEOUT_MS
  }
}

/**
 * Waits for the next heartbeat of a lock that is held on another host.
 * @param isHeld whether the same holder still has the lock
 * @returns false after the timeout, or once the lock is free or has another holder
 */
export async function waitForHeartbeat(lock: string, isHeld: () => Promise<boolean>, clock: Clock): Promise<boolean> {
  const start = clock.now()
  const first = await readOptional(heartbeatPath(lock))
  while (clock.now() - start < HEARTBEAT_TIMEOUT_MS) {
    await clock.sleep(POLL_INTERVAL_MS)
    if (!(await isHeld())) return false
    if ((await readOptional(heartbeatPath(lock))) !== first) return true
  }
  return false
}

export function heartbeatPath(lock: string): string {
  return `${lock}.beat`
}

/** Rewrites the heartbeat file in place. NFS makes the change visible when the file is closed. */
async function writeHeartbeat(lock: string, text: string, flag: string | number = 'r+'): Promise<void> {
  // Ignore errors, because the next heartbeat may succeed.
  await writeFile(heartbeatPath(lock), text.padEnd(LENGTH), { flag }).catch(() => {})
}
