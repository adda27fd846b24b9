import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Paths } from '../../lib/paths.ts'
import { ask, type Row } from './lake-reader.ts'
import { readableAlerts, type SyntheticNight } from './night.ts'
import { TRUTH } from './shared.ts'

/** An alert in the columns of the truth table, with its night instead of its tarball. Large integers are text. */
export type TruthRow = (string | number | null)[]

const NUMBERS = 'jd magpsf rb drb exptime n_prv n_prv_detections prv_magpsf_sum n_fp'.split(' ')
const COLUMNS =
  'night candid objectId schemavsn jd magpsf rb drb exptime isdiffpos ssnamenr objectidps1 ' +
  'n_prv n_prv_detections prv_magpsf_sum n_fp science_sha1 template_sha1 difference_sha1'
const SUM = COLUMNS.split(' ').indexOf('prv_magpsf_sum')

/** Rows that readers must find for synthetic nights. */
export function truthOf(...nights: SyntheticNight[]): TruthRow[] {
  return nights.flatMap(night => readableAlerts(night).map(({ values }) => rowOf(dateIn(night.name), values)))
}

/** Rows that readers must find for the real alerts, as an independent reader found them. */
export async function realTruth(paths: Paths): Promise<TruthRow[]> {
  const rows = await ask(paths, `select * from read_csv('${TRUTH}', all_varchar = true)`)
  return rows.map(({ tarball, ...row }) => {
    const named: Row = { ...row, night: dateIn(tarball as string), prv_magpsf_sum: row.prv_magpsf_sum ?? 0 }
    return COLUMNS.split(' ').map(name => {
      const value = (named[name] ?? null) as string | null
      return value !== null && NUMBERS.includes(name) ? Number(value) : value
    })
  })
}

/** Asserts that two lists have the same rows in any order. Sums may differ by rounding, since readers add in any order. */
export function assertSame(found: readonly TruthRow[], expected: readonly TruthRow[], message: string): void {
  const [ours, theirs] = [sorted(found), sorted(expected)]
  assert.equal(ours.length, theirs.length, message)
  for (const [i, row] of ours.entries()) {
    const other = theirs[i] as TruthRow
    assert.deepEqual(row.with(SUM, 0), other.with(SUM, 0), message)
    assert.ok(Math.abs(Number(row[SUM]) - Number(other[SUM])) < 1e-9, `${message}: ${row}, expected ${other}`)
  }
}

function rowOf(night: string, values: Row): TruthRow {
  const candidate = values.candidate as Row
  const before = (values.prv_candidates ?? []) as Row[]
  const number = (name: string) => (candidate[name] ?? null) as number | null
  return [
    night,
    String(values.candid),
    values.objectId as string,
    (values.schemavsn as string | undefined) ?? null,
    ...['jd', 'magpsf', 'rb', 'drb', 'exptime', 'isdiffpos', 'ssnamenr'].map(number),
    candidate.objectidps1 === null ? null : String(candidate.objectidps1),
    values.prv_candidates === null ? null : before.length,
    before.filter(({ candid }) => candid !== null).length,
    before.reduce((sum, { magpsf }) => sum + ((magpsf as number | null) ?? 0), 0),
    (values.fp_hists as Row[] | null | undefined)?.length ?? null,
    ...['Science', 'Template', 'Difference'].map(name => digest(values[`cutout${name}`] as Row | null)),
  ]
}

function digest(stamp: Row | null): string | null {
  const data = stamp?.stampData as Buffer | null | undefined
  return data ? createHash('sha1').update(data).digest('hex').slice(0, 16) : null
}

function sorted(rows: readonly TruthRow[]): TruthRow[] {
  const key = ([night, candid]: TruthRow) => `${night} ${candid}`
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

function dateIn(name: string): string {
  return name.slice('ztf_public_'.length, 'ztf_public_YYYYMMDD'.length)
}
