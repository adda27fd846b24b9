import { readdirSync, readFileSync } from 'node:fs'

const INTERVAL_MS = 50

/** Peak memory of the largest process that this process starts, directly or through others. Needs /proc. */
export class PeakMemory {
  /** Largest peak so far, in bytes; 0 without /proc. */
  bytes = 0
  /** Whether a process is to be measured, by process id. */
  private readonly isMeasured = new Map<number, boolean>()

  /** Excludes processes that are already running. */
  constructor() {
    for (const pid of processIds()) this.isMeasured.set(pid, false)
    this.isMeasured.set(process.pid, false)
  }

  poll(): void {
    for (const pid of processIds()) if (this.measures(pid)) this.bytes = Math.max(this.bytes, peakOf(pid))
  }

  private measures(pid: number): boolean {
    const known = this.isMeasured.get(pid)
    if (known !== undefined) return known
    const parent = parentOf(pid)
    const isMeasured = parent !== undefined && (parent === process.pid || this.measures(parent))
    this.isMeasured.set(pid, isMeasured)
    return isMeasured
  }
}

/** Runs `work`; returns its result and the peak memory of the largest process that it starts, in bytes. */
export async function withPeakMemory<T>(work: () => Promise<T>): Promise<{ result: T; peakMemory: number }> {
  const peak = new PeakMemory()
  // A process's peak only grows, so it is enough to see the process shortly before it ends.
  const timer = setInterval(() => peak.poll(), INTERVAL_MS)
  try {
    return { result: await work(), peakMemory: peak.bytes }
  } finally {
    clearInterval(timer)
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isSafeInteger)
  } catch {
    return []
  }
}

function parentOf(pid: number): number | undefined {
  return field(pid, /^PPid:\s+(\d+)/m)
}

/** Peak resident memory of a process, in bytes; 0 if it has ended. */
function peakOf(pid: number): number {
  return (field(pid, /^VmHWM:\s+(\d+) kB/m) ?? 0) * 1024
}

/** A number from a process's status file; undefined if the process has ended. */
function field(pid: number, pattern: RegExp): number | undefined {
  try {
    const [, number] = pattern.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return number === undefined ? undefined : Number(number)
  } catch {
    return undefined
  }
}
