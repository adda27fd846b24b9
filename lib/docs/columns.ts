// The data dictionary: what the columns of the lake mean, as Markdown.

import { type Field, type FieldType, RECORDS, type RecordName, type Scalar } from '../alerts/fields.ts'

const PARQUET: Readonly<Record<Scalar, string>> = {
  string: 'string',
  bytes: 'binary',
  int: 'int32',
  long: 'int64',
  float: 'float32',
  double: 'float64',
}

const INTROS: Readonly<Record<RecordName, string>> = {
  alert: 'One row for each alert. A column is null in alerts older than the schema version under *since*.',
  candidate: 'The detection that raised the alert. A missing number is -999, not null.',
  prv_candidate:
    'What the 30 days before, seldom more, saw. Missing is null; a visit that found nothing has little but its ' +
    'limit, `diffmaglim`.',
  fp_hist:
    'The flux at the position in earlier images, found there or not. A missing number is -99999. ' +
    'Schema 4.01 has it too.',
  cutout: 'Three small images around the detection.',
}

/** The page of docs/columns.md. */
export function columnsPage(): string {
  return `# Columns\n\nMade by \`make docs\` from \`lib/alerts/fields.ts\`; edit that.\n\n${dictionary()}`
}

/** The data dictionary in Markdown: a table for each record. */
export function dictionary(): string {
  return (Object.keys(RECORDS) as RecordName[]).map(section).join('\n')
}

/** The table of one record's columns. */
export function columnsTable(record: RecordName): string {
  const rows = RECORDS[record].map(field => row(record, field))
  return ['| column | type | unit | since | what |', '|---|---|---|---|---|', ...rows].join('\n')
}

function section(record: RecordName): string {
  return `## ${record}\n\n${INTROS[record]}\n\n${columnsTable(record)}\n`
}

function row(record: RecordName, { name, type, unit, since, about }: Field): string {
  const columns = prefixes(record).map(prefix => `\`${prefix}${name}\``)
  return `| ${columns.join(', ')} | ${parquetType(type)} | ${unit} | ${since} | ${about} |`
}

/** Where a record sits in the lake; a record may sit in several columns, as cutouts do. */
function prefixes(record: RecordName): string[] {
  if (record === 'alert') return ['']
  return RECORDS.alert.flatMap(({ name, type }) => {
    if (typeof type === 'string') return []
    if ('record' in type) return type.record === record ? [`${name}.`] : []
    return type.array === record ? [`${name}[].`] : []
  })
}

function parquetType(type: FieldType): string {
  if (typeof type === 'string') return PARQUET[type]
  return 'record' in type ? 'struct' : 'list of structs'
}
