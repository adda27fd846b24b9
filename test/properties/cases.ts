import type { TestContext } from 'node:test'
import fc from 'fast-check'

export { fc }

/** Number of cases over all properties: a few hundred by default, 10,000 and more in `make torture`. */
const CASES = Number(process.env.TORTURE_CASES ?? 400)
/** Whether this is `make torture`, which also runs the slow cases. */
export const TORTURE = CASES >= 10_000
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)

/**
 * Checks a property with a share of all cases. `SEED=` and `CASE=`, both taken from the report of a failed case, repeat
 * that case.
 */
export async function forAll<T>(
  t: TestContext,
  share: number,
  cases: fc.Arbitrary<T>,
  check: (value: T) => Promise<void> | void,
): Promise<void> {
  const numRuns = Math.max(1, Math.round(CASES * share))
  t.diagnostic(`${numRuns} cases of SEED=${SEED}`)
  const path = process.env.CASE ? { path: process.env.CASE } : {}
  await fc.assert(
    fc.asyncProperty(cases, async value => check(value)),
    { numRuns, seed: SEED, ...path },
  )
}
