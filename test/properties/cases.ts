import type { TestContext } from 'node:test'
import fc from 'fast-check'

export { fc }

/** How many cases all properties have together: a few hundred in each run, 10,000 and more in `make torture`. */
const CASES = Number(process.env.TORTURE_CASES ?? 400)
/** Whether this is `make torture`, which may take as long as it takes. */
export const TORTURE = CASES >= 10_000
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)

/**
 * Checks a property over its share of the cases; `SEED=` and `CASE=`, from the report of one that failed, give it
 * again.
 */
export async function forAll<T>(
  t: TestContext,
  share: number,
  cases: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void> | void,
): Promise<void> {
  const numRuns = Math.max(1, Math.round(CASES * share))
  t.diagnostic(`${numRuns} cases of SEED=${SEED}`)
  const path = process.env.CASE ? { path: process.env.CASE } : {}
  await fc.assert(
    fc.asyncProperty(cases, async value => holds(value)),
    { numRuns, seed: SEED, ...path },
  )
}
