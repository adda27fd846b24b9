import { type Field, RECORDS, type RecordName } from '../alerts/fields.ts'
import { Random } from './random.ts'

export type Version = '1.8' | '3.1' | '3.3' | '4.02'

/** Language of the software that wrote the alert: Python until April 2020, Go since then. */
export type Style = 'python' | 'go'

export interface SchemaOptions {
  version: Version
  style: Style
  /** Length in bytes to which the text is padded with `doc` attributes. */
  length?: number
}

/** Approximate lengths of the archive's schemas, in bytes. */
export const REAL_LENGTH: Record<Version, number> = { '1.8': 18_500, '3.1': 22_500, '3.3': 23_300, '4.02': 25_600 }

/** Upper bound on the size in bytes of an empty `doc` attribute in the JSON text. */
const DOC_KEY = 13

/** Fields that are not nullable. */
const REQUIRED: Record<RecordName, string> = {
  alert: 'schemavsn publisher objectId candid candidate',
  candidate:
    'jd fid pid programid candid isdiffpos ra dec magpsf sigmapsf ranr decnr ndethist ncovhist nmtchps rfid ' +
    'jdstartref jdendref nframesref rbversion nmatches drbversion',
  prv_candidate: 'jd fid pid programid rbversion',
  fp_hist: 'fid pid rfid programid jd ranr decnr',
  cutout: 'fileName stampData',
}

/** Schema as JSON text, as in an alert's Avro header. */
export function schemaText(options: SchemaOptions): string {
  const { style, length = 0 } = options
  const bare = print(new SchemaBuilder(options).alert(), style)
  if (length <= bare.length) return bare
  const docLength = Math.floor((length - bare.length) / bare.split('"name"').length) - DOC_KEY
  const padded = new SchemaBuilder(options, Math.max(0, docLength)).alert()
  const missing = Math.max(0, length - print(padded, style).length)
  return print({ ...padded, doc: docText('alert', missing + padded.doc.length) }, style)
}

class SchemaBuilder {
  private readonly defined = new Set<RecordName>()
  private readonly options: SchemaOptions
  private readonly docLength: number

  constructor(options: SchemaOptions, docLength = 0) {
    this.options = options
    this.docLength = docLength
  }

  alert() {
    const top = this.options.style === 'go' ? { name: 'ztf.alert' } : { name: 'alert', namespace: 'ztf' }
    return { ...this.record('alert', top), doc: 'a synthetic alert' }
  }

  private record(name: RecordName, naming: object = { name, namespace: 'ztf.alert' }): object {
    const { version } = this.options
    const known = RECORDS[name].filter(({ since }) => Number(since) <= Number(version))
    return { type: 'record', version, ...naming, fields: known.map(field => this.field(name, field)) }
  }

  private field(record: RecordName, { name, type }: Field): object {
    const doc = this.docLength > 0 ? { doc: docText(record + name, this.docLength) } : {}
    const bare = this.type(type)
    if (REQUIRED[record].split(' ').includes(name)) return { type: bare, name, ...doc }
    return { type: this.options.style === 'go' ? ['null', bare] : [bare, 'null'], name, default: null, ...doc }
  }

  private type(type: Field['type']): string | object {
    if (typeof type === 'string') return type
    return 'array' in type ? { type: 'array', items: this.named(type.array) } : this.named(type.record)
  }

  /** Returns the definition of a record at its first use, and its full name afterwards. */
  private named(name: RecordName): string | object {
    if (this.defined.has(name)) return `ztf.alert.${name}`
    this.defined.add(name)
    return this.record(name)
  }
}

/** Formats a schema as JSON, with spaces as in Python, or with sorted keys and no spaces as in Go. */
function print(schema: object, style: Style): string {
  if (style === 'go') return JSON.stringify(sorted(schema))
  return JSON.stringify(schema, null, 1)
    .replace(/,\n\s*/g, ', ')
    .replace(/\n\s*/g, '')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** Pseudo-random words, seeded by the name. */
function docText(name: string, length: number): string {
  const random = new Random(Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7))
  let text = ''
  while (text.length < length) text += `${random.letters(random.int(2, 8))} `
  return text.slice(0, length)
}
