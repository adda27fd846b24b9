import { wrongMarker } from './damage.ts'
import { emptyNight, makeNight } from './night.ts'
import type { SchemaField } from './schema-variants.ts'

/** Without NaN and infinities, which JSON has not. */
const PLAIN = { edges: 0 }
const FUTURE: SchemaField = { name: 'future', type: ['null', 'double'], default: null }

/** The last of NIGHTS, of which each alert and each candidate may have a field that no other night has. */
export const NEWEST = makeNight({
  ...PLAIN,
  night: '20260601',
  alerts: 30,
  schemas: [{ version: '4.02', style: 'go', extra: { alert: [FUTURE], candidate: [FUTURE] } }],
})

/** Nights as different as they come: versions, two tarballs of a date, none at all, a damaged packet, a new field. */
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
