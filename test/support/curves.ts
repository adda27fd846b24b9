import { COLUMNS } from '../../lib/curve/columns.ts'
import type { CurveRow } from '../../lib/curve/merge.ts'
import type { ObjectCurve } from '../../lib/curve/read.ts'

/** A light curve of rows that have only these values. A row is a detection unless it has another kind. */
export function curve(objectId: string, rows: readonly Partial<CurveRow>[]): ObjectCurve {
  const empty = Object.fromEntries(COLUMNS.map(({ name }) => [name, null]))
  return { objectId, rows: rows.map(row => ({ ...empty, kind: 'detection', ...row, objectId }) as CurveRow) }
}
