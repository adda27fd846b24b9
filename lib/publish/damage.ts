import { parseOptional, readOptional, remove, writeAtomic } from '../core/files.ts'
import type { Paths } from '../paths.ts'

/** Content of `data/failed/published.json`: the files that `make check AT=` found damaged at a target. */
interface DamageNote {
  readonly address: string
  readonly paths: readonly string[]
}

/** Paths of the files at a target that a check found damaged. The next publication reads or replaces them. */
export async function readDamaged(paths: Paths, address: string): Promise<Set<string>> {
  const note = parseOptional<DamageNote>(await readOptional(paths.damagedAtTarget))
  return new Set(note?.address === address ? note.paths : [])
}

/** Replaces the note about a target; removes it if nothing is damaged there. */
export async function writeDamaged(paths: Paths, address: string, damaged: ReadonlySet<string>): Promise<void> {
  if (damaged.size > 0)
    await writeAtomic(paths.damagedAtTarget, JSON.stringify({ address, paths: [...damaged].sort() }))
  else if ((await readDamaged(paths, address)).size > 0) await remove(paths.damagedAtTarget)
}
