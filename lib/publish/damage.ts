import { parseOptional, readOptional, remove, writeAtomic } from '../core/files.ts'
import type { Paths } from '../paths.ts'

/** What `make check AT=` has found, in `data/failed/published.json`: paths of damaged files, by the target's address. */
type DamageNote = Readonly<Record<string, readonly string[]>>

/** Paths of the files at a target that a check found damaged. The next publication reads or replaces them. */
export async function readDamaged(paths: Paths, address: string): Promise<Set<string>> {
  return new Set((await readNote(paths))[address])
}

/** Replaces what is noted about a target. */
export async function writeDamaged(paths: Paths, address: string, damaged: ReadonlySet<string>): Promise<void> {
  const { [address]: before, ...others } = await readNote(paths)
  if (damaged.size === 0 && !before) return
  const note = damaged.size > 0 ? { ...others, [address]: [...damaged].sort() } : others
  if (Object.keys(note).length > 0) await writeAtomic(paths.damagedAtTarget, JSON.stringify(note))
  else await remove(paths.damagedAtTarget)
}

async function readNote(paths: Paths): Promise<DamageNote> {
  return parseOptional<DamageNote>(await readOptional(paths.damagedAtTarget)) ?? {}
}
