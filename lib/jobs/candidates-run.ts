import { print } from '../core/console.ts'
import { plural } from '../core/units.ts'
import type { NightInLake } from '../index/plan.ts'
import { Paths } from '../paths.ts'
import { ProgressDisplay } from '../progress/display.ts'
import { NightsProgress } from '../progress/nights.ts'
import type { Settings } from '../settings.ts'
import type { AddedCandidates, CandidatesJob } from './candidates-worker.ts'
import { runPool } from './pool.ts'
import { WorkQueue } from './queue.ts'
import type { JobNight, Outcome } from './worker.ts'

/**
 * Writes the candidates files of nights that an earlier version converted, in parallel, and prints a line per night.
 *
 * @returns stems of the nights that failed
 */
export async function addMissingCandidates(
  { DATA, WORKERS }: Settings,
  nights: readonly NightInLake[],
): Promise<string[]> {
  const paths = new Paths(DATA)
  const failed: string[] = []
  const queue = new WorkQueue<JobNight, CandidatesJob>({ data: DATA }, WORKERS)
  const sized = nights.map(({ night, summary }) => ({ stem: night.stem, bytes: summary.lakeBytes }))
  const progress = new NightsProgress(paths, 'indexing')
  const display = new ProgressDisplay(paths.progress('lake'), async () => [await progress.poll()])
  progress.add(sized)
  queue.add(sized)
  queue.close()
  await runPool('candidates', queue, WORKERS, async (outcome: Outcome<AddedCandidates>) => {
    const { stem } = outcome
    const isFailure = 'error' in outcome
    if (isFailure) failed.push(stem)
    if (isFailure && outcome.untried) return progress.end({ stem, failed: true })
    print(
      isFailure
        ? `FAILED    ${stem}  it has no candidates file: ${outcome.error}`
        : `added     ${stem}  ${plural(outcome.alerts, 'alert')} to the candidates table`,
    )
    progress.end({ stem, failed: isFailure })
  })
  await display.end()
  return failed
}
