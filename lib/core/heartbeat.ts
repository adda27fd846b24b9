import { constants } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readOptional } from './files.ts'
import { POLL_INTERVAL_MS } from './process.ts'

// Heartbeat for locks shared between hosts, where a process id cannot be checked: the holder rewrites a file next to the
// lock every few seconds. Observers compare its text and not its modification time: clocks differ between hosts, and a
// network file system may report an old time.

/** Time between two heartbeats, in ms. */
export const HEARTBEAT_INTERVAL_MS = 5000

/** Time without a heartbeat after which the holder counts as dead, in ms. An NFS client may cache a file for 60 s. */
export const HEARTBEAT_TIMEOUT_MS = 90_000

/** Replaced in tests, which do not wait. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number
  sleep(ms: number): Promise<unknown>
}

export const CLOCK: Clock = { now: () => performance.now(), sleep }

/** Every heartbeat has this length in bytes, so that a full disk still takes it. */
const LENGTH = 40

/** Running timers, by lock. */
const timers = new Map<string, NodeJS.Timeout>()

/**
 * Sends heartbeats for a lock until `stopHeartbeat` or until this process ends.
 * @param isHeld whether this process still holds the lock. If not, because another run has taken it over while this
 *   process was suspended, an error thrown from the timer ends this process
 */
export async function startHeartbeat(lock: string, isHeld: () => Promise<boolean>, intervalMs: number): Promise<void> {
  stopHeartbeat(lock)
  let count = 0
  const beat = async () => {
    // The lock may be unreadable for a moment, so an error does not mean that it is lost.
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

/** A function that reads the heartbeat of a lock, and returns false once it has not changed for the timeout. */
export function watchHeartbeat(lock: string, clock = CLOCK): () => Promise<boolean> {
  let [text, changedAt]: [string | undefined, number] = [undefined, clock.now()]
  return async () => {
    const read = await readOptional(heartbeatPath(lock))
    if (read !== text) [text, changedAt] = [read, clock.now()]
    return clock.now() - changedAt < HEARTBEAT_TIMEOUT_MS
  }
}

/**
 * Waits for the next heartbeat of a lock that another host holds.
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

/** Path of the file that the holder of a lock rewrites. */
export function heartbeatPath(lock: string): string {
  return `${lock}.beat`
}

/** Rewrites the file in place and closes it: NFS publishes on close. */
async function writeHeartbeat(lock: string, text: string, flag: string | number = 'r+'): Promise<void> {
  // Errors are ignored: the next heartbeat may succeed.
  await writeFile(heartbeatPath(lock), text.padEnd(LENGTH), { flag }).catch(() => {})
}
