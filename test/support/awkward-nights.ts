import { truncated } from './damage.ts'
import type { Row } from './lake-reader.ts'
import { makeNight, type SyntheticNight } from './night.ts'
import { SCHEMAS } from './tarballs.ts'

const HIDDEN = { name: 'hidden', type: ['null', 'double'], default: null }

/** Objects, positions and histories that sorting and counting have to get right. */
function awkward(values: Row, index: number): Row {
  const candidate = { ...(values.candidate as Row) }
  // Few objects, so that jd and candid decide about the order, and jd is the same for neighbours.
  candidate.jd = [2458000.5, 2458000.5, -0, 0, Number.NaN, 2458000.25][index % 6]
  if (index % 11 === 3) candidate.ra = Number.NaN
  if (index % 11 === 7) candidate.dec = [90, -90, 91, Infinity][index % 4]
  const lists = { prv_candidates: [null, [], values.prv_candidates][index % 3] }
  const forced = 'fp_hists' in values ? { fp_hists: [values.fp_hists, null, []][index % 3] } : {}
  return { ...lists, ...forced, objectId: `ZTF18aaaaaa${'zab'[index % 3]}`, candidate }
}

/** Nights that are hard for the candidates table, and the number of files of three alerts that each has, by description. */
export const AWKWARD_NIGHTS: Record<string, [night: SyntheticNight, files: number]> = {
  'all schema versions, duplicates and damaged packets': [
    makeNight({
      ...{ night: '20231012', alerts: 60, schemas: SCHEMAS, edges: 0.05, edit: awkward },
      ...{ duplicates: [2, 9], damage: { 5: truncated, 20: truncated } },
    }),
    20,
  ],
  'a new field half way, so that a file ends early': [
    makeNight({
      ...{ night: '20231013', alerts: 11, edit: awkward },
      schemas: [
        { version: '4.02', style: 'go' },
        { version: '4.02', style: 'go', extra: { candidate: [HIDDEN] } },
      ],
    }),
    5,
  ],
  'a single alert of the oldest version': [makeNight({ night: '20180713', alerts: 1, edit: awkward }), 1],
  'a night of program 3': [makeNight({ night: '20191003', kind: 'programid3', alerts: 4, edit: awkward }), 2],
}
