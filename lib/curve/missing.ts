import { plural } from '../core/units.ts'
import type { LakeIndex } from '../index/lake-index.ts'
import { describeMoved } from '../lake/moved.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

const MAX_NAMES_SHOWN = 3

/** Error for objects that have no alert in the selected nights. */
export async function missingError(
  paths: Paths,
  index: LakeIndex,
  objectIds: readonly string[],
  selection: Selection,
): Promise<Error> {
  const names = objectIds.slice(0, MAX_NAMES_SHOWN).join(', ')
  const others = objectIds.length - MAX_NAMES_SHOWN
  const subject =
    others > 0
      ? `${names} and ${plural(others, 'other object')} have`
      : `${names} ${objectIds.length > 1 ? 'have' : 'has'}`
  return new Error(`${subject} no alert in ${paths.lake}: ${await describeSearch(paths, index, selection)}`)
}

async function describeSearch(paths: Paths, index: LakeIndex, selection: Selection): Promise<string> {
  const nights = await inLake(paths, selection)
  const [first, last] = [nights[0], nights.at(-1)]
  if (!first || !last) return 'none of the selected nights is in the lake; run make lake first, or give other NIGHTS'
  const dates = first === last ? first.date : `from ${first.date} to ${last.date}`
  const moved = index.moved(selection)
  const elsewhere = new Set(moved.map(({ night }) => night.stem))
  const missing = index.missing(selection).filter(({ stem }) => !elsewhere.has(stem)).length
  const others = [
    ...(moved.length > 0 ? [describeMoved(moved)] : []),
    ...(missing > 0 ? [`${plural(missing, 'night')} that the index lacks: run make index`] : []),
  ]
  const searched = `searched ${plural(nights.length - moved.length - missing, 'night')}, ${dates}`
  return [searched, ...others].join(', but not ')
}
