import type { Work } from './rates.ts'

interface Running extends Work {
  /** The part of it that is still to be done: 1 at first. */
  left: number
  readonly onEnd: () => void
}

/** What rounding may leave of a work that has ended. */
const NOTHING = 1e-9

/**
 * Works side by side on things that give only so much a second, on a clock of its own. Where they want more of a thing
 * than it gives, it is shared as a system's scheduler does: alike, but none gets more than it wants.
 */
export class Sharing {
  /** Since the beginning. */
  seconds = 0
  private readonly capacity: Readonly<Record<string, number>>
  private readonly running = new Set<Running>()

  /** @param capacity what each thing gives a second, in the works' units; what is not named is no limit */
  constructor(capacity: Readonly<Record<string, number>>) {
    this.capacity = capacity
  }

  /** Begins a work now. @param onEnd is called when it has ended, and may begin others */
  start(work: Work, onEnd: () => void): void {
    this.running.add({ ...work, left: 1, onEnd })
  }

  /** Lets time pass until no work is left. */
  run(): void {
    while (this.running.size > 0) this.step()
  }

  /** To the next end of a work. */
  private step(): void {
    const works = [...this.running]
    const paces = this.paces(works)
    const ends = works.map(({ left, seconds }, i) => (left * seconds) / (paces[i] as number))
    const passed = Math.min(...ends)
    this.seconds += passed
    for (const [i, work] of works.entries()) work.left *= 1 - passed / (ends[i] as number)
    for (const work of works) if (work.left < NOTHING) this.end(work)
  }

  private end(work: Running): void {
    this.running.delete(work)
    work.onEnd()
  }

  /** How fast each goes, 1 being as fast as alone: as the scarcest of its things lets it. */
  private paces(works: readonly Running[]): number[] {
    const wanted = new Map<string, number[]>()
    for (const { seconds, uses } of works)
      for (const [name, amount] of Object.entries(uses))
        if (!wanted.get(name)?.push(amount / seconds)) wanted.set(name, [amount / seconds])
    const most = new Map([...wanted].map(([name, rates]) => [name, fairShare(rates, this.capacity[name])]))
    return works.map(({ seconds, uses }) => {
      const paces = Object.entries(uses).map(([name, amount]) => ((most.get(name) as number) * seconds) / amount)
      return Math.min(1, ...paces)
    })
  }
}

/** The most that each gets of what there is: who wants less has all that it wants, and the others share alike. */
function fairShare(wanted: readonly number[], capacity = Number.POSITIVE_INFINITY): number {
  let left = capacity
  for (const [i, rate] of wanted.toSorted((a, b) => a - b).entries()) {
    const share = left / (wanted.length - i)
    if (rate > share) return share
    left -= rate
  }
  return Number.POSITIVE_INFINITY
}
