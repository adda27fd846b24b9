import type { Sized } from '../share.ts'
import { BUSY, inTurn, type Site, WORKS } from './rates.ts'
import { Schedule, type Steps, workOf } from './schedule.ts'

/** What may bind. */
export const BOUNDS = ['link', 'cores', 'disk', 'one night'] as const
type Bound = (typeof BOUNDS)[number]

/** What a make command takes. */
export interface Forecast {
  readonly seconds: number
  /** Bytes on the disk at most. */
  readonly peak: number
  /** Seconds below which it cannot be, by what forbids it: a thing that all share, or the largest night alone. */
  readonly bounds: Readonly<Record<Bound, number>>
  /** The largest of them; or AHEAD, where downloads wait for it. */
  readonly binds: Bound | 'AHEAD'
}

/** AHEAD binds where all takes more than so many times as long with it as without: a few waits are no bound. */
const LONGER = 1.25

/**
 * Foretells a make command; of several nodes, only `make lake` uses more than one.
 * @param nights in the lists' order
 */
export function forecast(nights: readonly Sized[], site: Site, steps: Steps): Forecast {
  const spread = steps.work === 'convert' && !steps.download
  const where = spread ? site : { ...site, nodes: 1 }
  const bounds = boundsOf(nights, where, steps)
  const binds = BOUNDS.reduce((most, bound) => (bounds[bound] > bounds[most] ? bound : most))
  const played = new Schedule(nights, where, steps).run()
  return { ...played, bounds, binds: waits(played.seconds, nights, where, steps) ? 'AHEAD' : binds }
}

/** Whether so many seconds are more than it would take if downloads had not to wait for AHEAD. */
function waits(seconds: number, nights: readonly Sized[], site: Site, steps: Steps): boolean {
  if (!steps.download || steps.ahead === undefined) return false
  const free = new Schedule(nights, site, { ...steps, ahead: Number.POSITIVE_INFINITY }).run()
  return seconds > LONGER * free.seconds
}

function boundsOf(nights: readonly Sized[], site: Site, steps: Steps): Forecast['bounds'] {
  const works = nights.map(night => {
    const parts = [steps.download ? WORKS.download(night.bytes, site) : [], workOf(night, steps) ?? []].flat()
    return parts.reduce(inTurn)
  })
  const sum = (name: string) => works.reduce((total, { uses }) => total + (uses[name] ?? 0), 0)
  return {
    link: sum('link') / site.link,
    cores: sum('cores') / (site.cores * site.nodes * BUSY),
    disk: sum('disk') / site.disk,
    'one night': Math.max(...works.map(({ seconds }) => seconds)),
  }
}
