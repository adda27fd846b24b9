import { holderOf } from '../lock.ts'
import type { Paths } from '../paths.ts'
import { readNote } from './notes.ts'
import { linesOf, type Side } from './progress.ts'

/** Who is at work on the tarballs and on the lake, and how far that is; none where nobody is. */
export async function atWork(paths: Paths): Promise<string[]> {
  const told = await Promise.all((['download', 'lake'] as const).map(what => tellOf(paths, what)))
  return told.flat()
}

async function tellOf(paths: Paths, lock: 'download' | 'lake'): Promise<string[]> {
  const holder = await holderOf(paths.lock(lock))
  if (!holder) return []
  const { what, pid, host, since } = holder
  const sides = (await readNote<Side[]>(paths.progress(lock))) ?? []
  return [`${what} is at work since ${since} (process ${pid} on ${host})`, ...linesOf(sides)]
}
