import assert from 'node:assert/strict'
import { setPrinter } from '../../lib/core/console.ts'
import { updateIndex } from '../../lib/index/update.ts'
import type { Paths } from '../../lib/paths.ts'

/** Makes the index of a lake, as make lake does at its end. */
export async function makeIndex(paths: Paths): Promise<void> {
  setPrinter(() => {})
  const problems = await updateIndex(paths, 2)
  setPrinter(write => write())
  assert.deepEqual(problems, [])
}
