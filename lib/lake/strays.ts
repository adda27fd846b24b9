import { join } from 'node:path'
import { isTaken, move } from '../files.ts'
import type { Paths } from '../paths.ts'

/** Moves what lies at `path` below the lake to the strays, under a name that is free; returns where it is then. */
export async function moveToStrays(paths: Paths, path: string): Promise<string> {
  const to = join(paths.strays, path)
  let free = to
  for (let i = 2; await isTaken(free); i++) free = `${to}-${i}`
  await move(join(paths.lake, path), free)
  return free
}
