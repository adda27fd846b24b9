import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, unlinkSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addPath } from './errors.ts'
import { createExclusive, exists, listNames, readOptional, remove } from './files.ts'
import {
  HEARTBEAT_TIMING,
  heartbeatPath,
  lockLostMessage,
  startHeartbeat,
  stopHeartbeat,
  waitForHeartbeat,
} from './heartbeat.ts'
import { identify, isRunning, POLL_INTERVAL_MS, type ProcessId } from './process.ts'

/**
 * How long to wait where the holder is found dead, in ms: its children look once a second whether it lives, aria2c
 * looks as often whether they do, and until then they write.
 */
export const GRACE = 3 * POLL_INTERVAL_MS

/** What a lock says of its holder. */
interface Holder extends ProcessId {
  /** Of this one time that the lock is held, and never again. */
  readonly id: string
  readonly host: string
  /** What it runs, such as `make lake`. */
  readonly what: string
  readonly since: string
}

/** What to hold: `folder` is what the lock stands for, `pid` whose end frees it. */
interface Claim {
  readonly folder: string
  readonly what: string
  readonly pid?: number
  /** Called with a line to print if the lock of another host has to be waited for. */
  readonly onWait: (line: string) => void
}

/** This host, and how long it has patience with others. */
const HERE = { host: hostname(), ...HEARTBEAT_TIMING }

/**
 * Makes the file `path`, which says that a process has a folder to itself, for this process if no other is named.
 * One that a dead process left is taken over, once its children have ended too. A process of another host is taken for
 * dead when its lock shows no life; that is said, as it takes a while.
 *
 * @returns the id of this one time that it is held
 * @throws Error in one sentence that says who holds it, where that one runs
 */
export async function acquireLock(
  path: string,
  { folder, what, onWait, pid = process.pid }: Claim,
  here = HERE,
): Promise<string> {
  const since = new Date().toISOString()
  const mine: Holder = { what, ...identify(pid), host: here.host, since, id: randomUUID() }
  await mkdir(dirname(path), { recursive: true })
  const taken = await take(path, mine, { folder, onWait }, here)
  await startHeartbeat(path, () => isHeldBy(path, mine.id), here)
  if (taken === 'taken over') await sleep(GRACE)
  await removeLeftovers(path)
  return mine.id
}

/**
 * Has the lock of a process show life while this one works for it, which cannot do so itself: make does not.
 * @param pid of the holder
 * @returns its id
 * @throws Error in one sentence where that process does not hold it any more
 */
export async function holdOn(path: string, pid: number, here = HERE): Promise<string> {
  const holder = holderIn(await readOptional(path))
  // Another's must not seem to live by what works for a make that was stopped for longer than others have patience.
  if (!holder || !isOwn(holder, pid, here)) throw new Error(lockLostMessage(path))
  await startHeartbeat(path, () => isHeldBy(path, holder.id), here)
  return holder.id
}

/** Whether a lock is held, and still the one of that id. */
export async function isHeldBy(path: string, id: string): Promise<boolean> {
  return holderIn(await readOptional(path))?.id === id
}

/** Who holds a lock; undefined where nobody does, or a process of this host that is dead. */
export async function lockHolder(path: string): Promise<Holder | undefined> {
  const holder = holderIn(await readOptional(path).catch(() => undefined))
  return holder && (holder.host !== hostname() || isRunning(holder)) ? holder : undefined
}

/** For who only reads: a folder that may not be written to can be read without a lock. */
export function ignoreReadOnly(error: NodeJS.ErrnoException): void {
  if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error
}

/** What those left that were killed while they asked for the lock; who still asks has to ask again. */
async function removeLeftovers(path: string): Promise<void> {
  const names = (await listNames(dirname(path))).filter(name => name.startsWith(`${basename(path)}.`))
  const own = basename(heartbeatPath(path))
  for (const name of names) if (name !== own) await remove(join(dirname(path), name))
}

/** Removes a lock, if it is the process's own: nothing that works for it may write any more. */
export function releaseLock(path: string, pid = process.pid, here: { host: string } = HERE): void {
  try {
    if (!isOwn(JSON.parse(readFileSync(path, 'utf8')), pid, here)) return
    stopHeartbeat(path)
    rmSync(heartbeatPath(path), { force: true })
    unlinkSync(path)
  } catch {
    // It is not there, or nobody's: so it is not held.
  }
}

/** Removes a lock that a dead process left, for one who has nothing to hold it for; another's stays. */
export async function removeStaleLock(path: string, claim: Claim): Promise<void> {
  // Nothing works for this one: if its make dies while it waits, it need not leave the lock to the next.
  process.once('exit', () => releaseLock(path))
  const began = performance.now()
  // Who works for a make that was killed takes a second to end, and looks alive until then.
  while ((await exists(path)) && performance.now() - began < GRACE)
    await acquireLock(path, claim).then(
      () => releaseLock(path),
      () => sleep(POLL_INTERVAL_MS / 10),
    )
}

/**
 * Two may find the same dead holder, and the slower must not remove the lock of the faster. So the right to replace a
 * lock is itself a lock, named after the id in the one to be replaced: who has it looks once more, and nobody else may
 * touch what a dead process left.
 */
async function take(
  file: string,
  mine: Holder,
  claim: Pick<Claim, 'folder' | 'onWait'>,
  here: typeof HERE,
): Promise<'free' | 'taken over'> {
  for (;;) {
    if (await create(file, mine)) return 'free'
    const there = await read(file, claim.folder)
    if (!there) continue
    await refuseUnlessDead(there, file, claim, here)
    const right = `${file}.${there.id}`
    await take(right, mine, claim, here)
    try {
      if ((await read(file, claim.folder))?.id === there.id) {
        await replace(file, mine)
        return 'taken over'
      }
    } finally {
      await remove(right)
    }
  }
}

/** Makes a lock, and tells whether it did. */
async function create(file: string, mine: Holder): Promise<boolean> {
  return createExclusive(file, textOf(mine)).catch(error => {
    // Who has got it has cleared away what this was to become.
    if (error.code === 'ENOENT') return false
    throw error
  })
}

/** Has a lock that is there become another's. */
async function replace(file: string, mine: Holder): Promise<void> {
  const beside = `${file}.${randomUUID()}.part`
  try {
    await writeFile(beside, textOf(mine), { flush: true }).catch(addPath(file))
    await rename(beside, file)
  } finally {
    await remove(beside)
  }
}

function textOf(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`
}

async function read(file: string, folder: string): Promise<Holder | undefined> {
  const text = await readOptional(file)
  const holder = holderIn(text)
  if (text !== undefined && !holder)
    throw new Error(`${file} is no lock that can be read: if nothing else is at work on ${folder}, delete it`)
  return holder
}

async function refuseUnlessDead(
  holder: Holder,
  file: string,
  { folder, onWait }: Pick<Claim, 'folder' | 'onWait'>,
  here: typeof HERE,
): Promise<void> {
  const { what, pid, host, since, id } = holder
  const held = `${what} (process ${pid} on ${host}, since ${since}) is at work on ${folder}`
  const isHeld = () => isHeldBy(file, id)
  if (host !== here.host) {
    const seconds = Math.round(here.timeoutMs / 1000)
    onWait(
      `waiting   ${held}: taking over if it shows no life in ${seconds} s; ` +
        `or if it does not run any more, delete ${file}`,
    )
    if (await waitForHeartbeat(file, isHeld, here))
      throw new Error(`${held}: wait for its end, or end it there, and run this again`)
  } else if (isRunning(holder)) throw new Error(`${held}: wait for its end, or end it, and run this again`)
}

/** What a lock says; undefined where it is not there or cannot be read. */
function holderIn(text = ''): Holder | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isOwn(holder: Holder, pid: number, { host }: { host: string }): boolean {
  return holder.host === host && holder.pid === pid && holder.start === identify(pid).start
}
