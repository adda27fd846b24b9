import { randomUUID } from 'node:crypto'
import { readFileSync, unlinkSync } from 'node:fs'
import { link, mkdir, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { naming } from './faults.ts'
import { isTaken, namesIn, readIfThere, remove } from './files.ts'
import { LOOK } from './parents.ts'
import { identify, isRunning, type ProcessId } from './processes.ts'

/**
 * How long to wait where the holder is found dead, in ms: its children look once a second whether it lives, aria2c
 * looks as often whether they do, and until then they write.
 */
const GRACE = 3 * LOOK

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
export interface Claim {
  readonly folder: string
  readonly what: string
  readonly pid?: number
}

/**
 * Makes the file `path`, which says that a process has a folder to itself, for this process if no other is named.
 * One that a dead process left is taken over, once its children have ended too.
 *
 * @throws Error in one sentence that says who holds it, where that one runs, or may run on another host
 */
export async function hold(path: string, { folder, what, pid = process.pid }: Claim): Promise<void> {
  const since = new Date().toISOString()
  const mine: Holder = { what, ...identify(pid), host: hostname(), since, id: randomUUID() }
  await mkdir(dirname(path), { recursive: true })
  if ((await take(path, mine, folder)) === 'taken over') await sleep(GRACE)
  await removeLeftovers(path)
}

/** Who holds a lock; undefined where nobody does, or a process of this host that is dead. */
export async function holderOf(path: string): Promise<Holder | undefined> {
  const holder = await read(path, dirname(path)).catch(() => undefined)
  return holder && (holder.host !== hostname() || isRunning(holder)) ? holder : undefined
}

/** For who only reads: a folder that may not be written to can be read without a lock. */
export function unlessReadOnly(error: NodeJS.ErrnoException): void {
  if (!['EROFS', 'EACCES', 'EPERM'].includes(error.code ?? '')) throw error
}

/** What those left that were killed while they asked for the lock; who still asks has to ask again. */
async function removeLeftovers(path: string): Promise<void> {
  const names = (await namesIn(dirname(path))).filter(name => name.startsWith(`${basename(path)}.`))
  for (const name of names) await remove(join(dirname(path), name))
}

/** Removes a lock, if it is the process's own: nothing that works for it may write any more. */
export function release(path: string, pid = process.pid): void {
  try {
    const holder: Holder = JSON.parse(readFileSync(path, 'utf8'))
    const own = identify(pid)
    if (holder.host === hostname() && holder.pid === pid && holder.start === own.start) unlinkSync(path)
  } catch {
    // It is not there, or nobody's: so it is not held.
  }
}

/** Removes a lock that a dead process left, for one who has nothing to hold it for; another's stays. */
export async function dropDead(path: string, claim: Claim): Promise<void> {
  if (!(await isTaken(path))) return
  await hold(path, claim).then(
    () => release(path),
    () => {},
  )
}

/**
 * Two may find the same dead holder, and the slower must not remove the lock of the faster. So the right to replace a
 * lock is itself a lock, named after the id in the one to be replaced: who has it looks once more, and nobody else may
 * touch what a dead process left.
 */
async function take(file: string, mine: Holder, folder: string): Promise<'free' | 'taken over'> {
  for (;;) {
    if (await create(file, mine)) return 'free'
    const there = await read(file, folder)
    if (!there) continue
    refuseUnlessDead(there, file, folder)
    const right = `${file}.${there.id}`
    await take(right, mine, folder)
    try {
      if ((await read(file, folder))?.id === there.id) {
        await write(file, mine, rename)
        return 'taken over'
      }
    } finally {
      await remove(right)
    }
  }
}

/** Makes a lock, and tells whether it did: `link` never replaces a file, not on NFS either. */
async function create(file: string, mine: Holder): Promise<boolean> {
  try {
    await write(file, mine, link)
    return true
  } catch (error) {
    // Either somebody has it, or who has got it has cleared away what this was to become.
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/** Has a lock come to its name with all that it says. */
async function write(file: string, mine: Holder, place: typeof link | typeof rename): Promise<void> {
  const beside = `${file}.${randomUUID()}.part`
  try {
    await writeFile(beside, `${JSON.stringify(mine)}\n`, { flush: true }).catch(naming(file))
    await place(beside, file)
  } finally {
    await remove(beside)
  }
}

async function read(file: string, folder: string): Promise<Holder | undefined> {
  const text = await readIfThere(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${file} is no lock that can be read: if nothing else is at work on ${folder}, delete it`)
  }
}

function refuseUnlessDead(holder: Holder, file: string, folder: string): void {
  const { what, pid, host, since } = holder
  const held = `${what} (process ${pid} on ${host}, since ${since}) is at work on ${folder}`
  if (host !== hostname()) throw new Error(`${held}: wait for its end, or if it does not run any more, delete ${file}`)
  if (isRunning(holder)) throw new Error(`${held}: wait for its end, or end it, and run this again`)
}
