import { type Field, RECORDS, type Scalar } from '../alerts/fields.ts'

/** What a row of a light curve is: a detection, the limit of an exposure without one in the alerts, or forced photometry. */
export const KINDS = ['detection', 'limit', 'forced'] as const
export type Kind = (typeof KINDS)[number]

/** Columns of an alert that have exposures. */
export type Source = 'candidate' | 'prv_candidates' | 'fp_hists'
const SOURCES: readonly Source[] = ['candidate', 'prv_candidates', 'fp_hists']

export interface Column {
  readonly name: string
  readonly type: Scalar
  /** Empty if the column has no unit. */
  readonly unit: string
  readonly description: string
  /** The field in each source that has one. A column without any is computed. */
  readonly fields: Readonly<Partial<Record<Source, string>>>
}

const RECORD_OF = { candidate: 'candidate', prv_candidates: 'prv_candidate', fp_hists: 'fp_hist' } as const

/** Columns of a light curve, in order. */
export const COLUMNS: readonly Column[] = [
  computed('objectId', 'string', '', 'Name of the object'),
  inAlerts('jd'),
  computed('mjd', 'double', 'day (MJD)', 'Start of the exposure: jd minus 2400000.5'),
  inAlerts('fid'),
  computed('band', 'string', '', 'Name of the filter: g, r or i'),
  computed(
    'kind',
    'string',
    '',
    'detection, limit (no detection in the alerts; no upper limit on the change) or forced (photometry)',
  ),
  computed(
    'magpsf_corr',
    'float',
    'mag',
    'Apparent magnitude, from magnr and the difference; only if a source of the reference image is near',
  ),
  computed('sigmapsf_corr', 'float', 'mag', 'Error of magpsf_corr for an unresolved source, 1 sigma'),
  computed('sigmapsf_corr_ext', 'float', 'mag', 'Error of magpsf_corr for an extended source, 1 sigma'),
  ...['magpsf', 'sigmapsf', 'isdiffpos', 'diffmaglim'].map(name => inAlerts(name)),
  ...['forcediffimflux', 'forcediffimfluxunc', 'procstatus'].map(name => inAlerts(name)),
  ...['magzpsci', 'clrcoeff'].map(name => inAlerts(name)),
  inAlerts('distnr', ['candidate', 'prv_candidates']),
  { ...inAlerts('distnr', ['fp_hists']), name: 'forceddistnr', description: 'distnr of forced photometry' },
  ...['magnr', 'sigmagnr'].map(name => inAlerts(name)),
  ...['ra', 'dec', 'rb', 'drb', 'candid', 'pid', 'field', 'rcid', 'programid'].map(name => inAlerts(name)),
]

/** Leaf columns of the lake from which a light curve is made. */
export const LEAVES: readonly string[] = [
  'objectId',
  'candid',
  ...COLUMNS.flatMap(({ fields }) => Object.entries(fields).map(([source, name]) => `${source}.${name}`)),
]

function computed(name: string, type: Scalar, unit: string, description: string): Column {
  return { name, type, unit, description, fields: {} }
}

/** A column whose values are the fields of the same name. */
function inAlerts(name: string, sources = SOURCES.filter(source => hasField(source, name))): Column {
  const fields = Object.fromEntries(sources.map(source => [source, name]))
  return { ...field(sources[0] as Source, name), fields }
}

function hasField(source: Source, name: string): boolean {
  return RECORDS[RECORD_OF[source]].some(field => field.name === name)
}

function field(source: Source, name: string): Omit<Column, 'fields'> {
  const { type, unit, description } = RECORDS[RECORD_OF[source]].find(field => field.name === name) as Field
  return { name, type: type as Scalar, unit, description }
}
