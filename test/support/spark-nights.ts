import { wrongMarker } from './damage.ts'
import { futureNight } from './future-night.ts'
import { emptyNight, makeNight } from './night.ts'

/** Without NaN and infinities, which JSON cannot represent. */
const PLAIN = { edges: 0 }

/** The last of `NIGHTS`: its alerts and candidates may have a field that no other night has. */
export const NEWEST = futureNight('20260601', 'future', 'double', { ...PLAIN, alerts: 30 })

/** Nights of several schema versions, with two tarballs of a date, an empty night, a damaged packet and a new field. */
export const NIGHTS = [
  makeNight({ ...PLAIN, night: '20180713', alerts: 30 }),
  makeNight({ ...PLAIN, night: '20191003', alerts: 20, damage: { 4: wrongMarker } }),
  makeNight({ ...PLAIN, night: '20191003', alerts: 7, kind: 'programid3' }),
  makeNight({ ...PLAIN, night: '20200115', alerts: 400 }),
  makeNight({ ...PLAIN, night: '20200116', alerts: 40 }),
  makeNight({ ...PLAIN, night: '20250325', alerts: 20 }),
  emptyNight('20250326', 'tar'),
  NEWEST,
]
