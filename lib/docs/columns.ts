import { type FieldType, RECORDS, type RecordName, type Scalar } from '../alerts/fields.ts'
import { MATCH_RADIUS } from '../curve/apparent.ts'
import { COLUMNS, type Column } from '../curve/columns.ts'
import { ADDED_COLUMNS } from '../lake/candidates.ts'
import { MARGIN, OBJECT_COLUMNS, SEPARATION } from '../query/objects.ts'
import { markdownTable } from './markdown.ts'

const PARQUET_TYPES: Readonly<Record<Scalar, string>> = {
  string: 'string',
  bytes: 'binary',
  int: 'int32',
  long: 'int64',
  float: 'float32',
  double: 'float64',
}

const INTROS: Readonly<Record<RecordName, string>> = {
  alert:
    'One row per alert. *since* is the first schema version with the column, which is null in alerts with an older schema. The ' +
    'version is that of the schema in the packet, which can differ from `schemavsn`: alerts that state 3.2 have schema 3.1.',
  candidate: 'The detection that triggered the alert. Missing numbers are -999, not null.',
  prv_candidate:
    'Earlier observations of the position, usually of the last 30 days. Missing values are null. A non-detection has ' +
    'little more than its limiting magnitude, `diffmaglim`; the filters of the pipeline may have rejected a detection.',
  fp_hist:
    'Forced photometry: the flux at the position in earlier images, detected or not. Missing numbers are -99999.',
  cutout: 'Three small images around the detection.',
}

const CANDIDATES_INTRO =
  'One row per alert in `data/candidates`, sorted by `objectId` and `jd` within a night: `objectId`, `candid`, ' +
  '`schemavsn`, the fields of `candidate` under their own names, and these columns. The table has the same columns in ' +
  'all nights: fields that are newer than this version of ztf-lake are only in the lake.'

const CURVE_INTRO =
  'The output of `make curve`, ordered by object, time, filter and kind. A missing value is empty, or null in JSON and ' +
  'Parquet, also if alerts have -999, -99999 or NaN instead. An exposure is in many alerts, because each lists those of the ' +
  '30 days before it. A light curve has\n\n' +
  "- each detection once. An exposure may have two, with different candids. The values are those of the detection's own " +
  'alert, because `prv_candidates` has fewer digits, or else of the newest alert that lists it;\n' +
  '- a limit for an exposure if no alert has a detection at its `jd` and `fid`. The filters of the pipeline may have rejected ' +
  'one, so that `diffmaglim` is no upper limit on the change: forced photometry of the same image can exceed it;\n' +
  '- the forced photometry of an image (`pid`) as in the newest alert, whose position is the most accurate.\n\n' +
  '`magpsf` is the difference magnitude: that of the object in the difference image, which is the science image minus the ' +
  'reference image. If the object is in the reference image too, `magpsf_corr` is its apparent magnitude, with the names and ' +
  'formulas of [ALeRCE](https://github.com/alercebroker/lc_correction): ' +
  '`-2.5 log10(10^(-0.4 magnr) ± 10^(-0.4 magpsf))`, with + if `isdiffpos` is t or 1, and - otherwise. For forced photometry, the ' +
  'second term is `forcediffimflux * 10^(-0.4 magzpsci)`, which has its own sign.\n\n' +
  `- It is computed if a source of the reference image is near: \`distnr\` is below ${MATCH_RADIUS} px, or \`forceddistnr\` below ` +
  `${MATCH_RADIUS} arcsec. It is null if the sum is not positive. Without a near source, \`magpsf\` is the apparent magnitude.\n` +
  '- Do not mix `magpsf_corr` and `magpsf` in one light curve. If only some detections have a near source, use one of the two ' +
  'for all: `make look` uses `magpsf_corr` if at least 80 % have it.\n' +
  '- `sigmapsf_corr_ext` is its error for an extended source: that of the difference image.\n' +
  '- `sigmapsf_corr` is its error for an unresolved source. It is smaller, because the noise of the reference image is part of ' +
  'the difference. It is null if the error of the reference source is larger than that of the difference.\n' +
  '- An error above 0.36 mag means a signal of less than 3 sigma.\n' +
  '- Be careful if `magnr` changes with `field` and `rcid`, because each readout channel of a field has its own reference ' +
  'image, and if the reference source is a galaxy, because `magnr` has an unknown part of its light.'

const OBJECTS_INTRO =
  'The output of `make cone`, and in `make sql` the view `objects` and the macro `cone(ra, dec, arcsec)`: one row per object. ' +
  'Cone searches have `separation` as well, and are sorted by it. The position of an object is the mean of the positions of ' +
  'its alerts (as unit vectors), and an object is in a cone if this mean is. ZTF assigns an alert to an object if it is within ' +
  `1.5 arcsec of the object's first alert, so alerts up to ${MARGIN} arcsec outside the cone are counted too: numbers and means are ` +
  'those of all alerts in the selected nights.'

/** Text of docs/columns.md, the data dictionary of the lake and of what the commands derive from it. */
export function columnsPage(): string {
  const sections = (Object.keys(RECORDS) as RecordName[]).map(
    record => `## ${record}\n\n${INTROS[record]}\n\n${columnsTable(record)}\n`,
  )
  return `# Columns\n\nGenerated by \`make docs\`: the columns of the lake, then those of the candidates table and of \`make cone\` and \`make curve\`.\n\n${[...sections, candidatesSection(), objectsSection(), curveSection()].join('\n')}`
}

function curveSection(): string {
  return `## Light curves\n\n${CURVE_INTRO}\n\n${outputTable(COLUMNS)}\n`
}

function objectsSection(): string {
  return `## Objects\n\n${OBJECTS_INTRO}\n\n${outputTable([...OBJECT_COLUMNS, SEPARATION])}\n`
}

type OutputColumn = Pick<Column, 'name' | 'type' | 'unit' | 'description'>

function outputTable(columns: readonly OutputColumn[]): string {
  const rows = columns.map(({ name, type, unit, description }) => [
    `\`${name}\``,
    PARQUET_TYPES[type],
    unit,
    description,
  ])
  return markdownTable(['column', 'type', 'unit', 'description'], rows)
}

function candidatesSection(): string {
  const rows = Object.entries(ADDED_COLUMNS).map(([name, description]) => [`\`${name}\``, 'int32', description])
  const table = markdownTable(['column', 'type', 'description'], rows)
  return `## Candidates table\n\n${CANDIDATES_INTRO}\n\n${table}\n`
}

export function columnsTable(record: RecordName): string {
  const rows = RECORDS[record].map(({ name, type, unit, since, description }) => {
    const columns = prefixes(record).map(prefix => `\`${prefix}${name}\``)
    return [columns.join(', '), parquetType(type), unit, since, description]
  })
  return markdownTable(['column', 'type', 'unit', 'since', 'description'], rows)
}

/** Prefixes of a record's columns in the lake. `cutout` has several, because it is the type of three columns. */
function prefixes(record: RecordName): string[] {
  if (record === 'alert') return ['']
  return RECORDS.alert.flatMap(({ name, type }) => {
    if (typeof type === 'string') return []
    if ('record' in type) return type.record === record ? [`${name}.`] : []
    return type.array === record ? [`${name}[].`] : []
  })
}

function parquetType(type: FieldType): string {
  if (typeof type === 'string') return PARQUET_TYPES[type]
  return 'record' in type ? 'struct' : 'list of structs'
}
