import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readOptional } from './files.ts'

/**
 * How the holder of a lock shows other hosts that it lives, since none can look at another's processes: the text of a
 * file beside the lock changes every few seconds. No time is compared, as clocks differ between hosts, and no file's
 * time of change is asked for, as a shared file system may tell an old one.
 */
export interface HeartbeatTiming {
  /** How often the holder changes the text, in ms. */
  readonly intervalMs: number
  /** How long the text may stay the same, in ms by the clock of who looks. */
  readonly timeoutMs: number
}

/** An NFS client may believe what it knows of a file for 60 s (acregmax), and the holder may be slow besides. */
export const HEARTBEAT_TIMING: HeartbeatTiming = { intervalMs: 5000, timeoutMs: 90_000 }

/** Of one length, so that a disk that has become full still takes it. */
const LENGTH = 40

const stops = new Map<string, () => void>()

/**
 * Begins to show that the holder of a lock lives, for as long as this process does or until `endHeartbeat`.
 * @param isHeld whether the lock is still the holder's. Where it is not, as this process was stopped for longer than
 *   others have patience, the process ends with a sentence
 */
export async function startHeartbeat(
  lock: string,
  isHeld: () => Promise<boolean>,
  { intervalMs }: HeartbeatTiming,
): Promise<void> {
  stopHeartbeat(lock)
  let ended = false
  let beats = 0
  const next = async () => {
    // What cannot be read now is read again.
    const held = await isHeld().catch(() => true)
    if (!held && !ended) throw new Error(lockLostMessage(lock))
    if (!ended) await show(lock, `${process.pid} ${++beats}`, constants.O_WRONLY)
  }
  await show(lock, `${process.pid} ${beats}`, constants.O_WRONLY | constants.O_CREAT)
  const timer = setInterval(next, intervalMs).unref()
  stops.set(lock, () => {
    ended = true
    clearInterval(timer)
  })
}

/** What is said where a lock has become another's. */
export function lockLostMessage(lock: string): string {
  return `${lock} is another run's now, or nobody's, and so this one ends: run it again`
}

export function stopHeartbeat(lock: string): void {
  stops.get(lock)?.()
  stops.delete(lock)
}

/** Watches from another host whether the holder of a lock goes on showing life. */
export class HeartbeatMonitor {
  private readonly lock: string
  private readonly pace: HeartbeatTiming
  private text: string | undefined
  private changed = performance.now()

  constructor(lock: string, pace = HEARTBEAT_TIMING) {
    this.lock = lock
    this.pace = pace
  }

  /** Looks once more; false once nothing has changed for as long as there is patience. */
  async isAlive(): Promise<boolean> {
    const text = await readOptional(heartbeatPath(this.lock))
    if (text !== this.text) this.changed = performance.now()
    this.text = text
    return performance.now() - this.changed < this.pace.timeoutMs
  }
}

/**
 * Watches a lock that is held on another host, until it shows life or has had enough time to.
 * @param isHeld whether the lock is still the same holder's; where it is not there is nothing to wait for
 */
export async function waitForHeartbeat(
  lock: string,
  isHeld: () => Promise<boolean>,
  pace: HeartbeatTiming,
): Promise<boolean> {
  const began = performance.now()
  const first = await readOptional(heartbeatPath(lock))
  while (performance.now() - began < pace.timeoutMs) {
    await sleep(Math.min(pace.intervalMs, pace.timeoutMs) / 5)
    if (!(await isHeld())) return false
    if ((await readOptional(heartbeatPath(lock))) !== first) return true
  }
  return false
}

/** The file whose text changes. */
export function heartbeatPath(lock: string): string {
  return `${lock}.beat`
}

/** Written in place, and closed, which is when NFS has others see it. What hinders a write ends no run. */
async function show(lock: string, text: string, flags: number): Promise<void> {
  try {
    const file = await open(heartbeatPath(lock), flags)
    await file.write(text.padEnd(LENGTH)).finally(() => file.close())
  } catch {
    // The next one may come through.
  }
}
