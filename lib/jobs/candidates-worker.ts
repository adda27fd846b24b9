import { addCandidates } from '../lake/add-candidates.ts'
import { type Night, nightOfStem } from '../night.ts'
import { Paths } from '../paths.ts'
import { type Answer, forEachNight, type Job } from './worker.ts'

export interface CandidatesJob extends Job {
  readonly data: string
}

/** Result of one night. */
export interface AddedCandidates {
  readonly alerts: number
}

export async function candidates({ data, nights }: CandidatesJob, answer: Answer<AddedCandidates>): Promise<void> {
  const add = async ({ stem }: { stem: string }) => {
    const { alerts } = await addCandidates(new Paths(data), nightOfStem(stem) as Night)
    return { alerts }
  }
  await forEachNight(nights, add, answer)
}
