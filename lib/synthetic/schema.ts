import { type Field, RECORDS, type RecordName } from '../alerts/fields.ts'
import { Random } from './random.ts'

export type Version = '1.8' | '3.1' | '3.3' | '4.02'

/** Software that wrote the alert: Python until April 2020, Go since then. */
export type Style = 'python' | 'go'

export type Schema = string | Schema[] | SchemaObject
export interface SchemaObject {
  type: Schema
  name?: string
  fields?: SchemaField[]
  items?: Schema
  [attribute: string]: unknown
}
export interface SchemaField {
  name: string
  type: Schema
  default?: unknown
  doc?: string
}

export interface SchemaOptions {
  version: Version
  style: Style
  /** Spaces of indentation. Default: one line, with the spacing of the style. */
  indent?: number
  /** Bytes to pad the text to with `doc` attributes. */
  length?: number
  /** Fields of a future version, appended to their record. */
  extra?: Partial<Record<RecordName, readonly SchemaField[]>>
}

/** Approximate lengths of the real texts. */
export const REAL_LENGTH: Record<Version, number> = { '1.8': 18_500, '3.1': 22_500, '3.3': 23_300, '4.02': 25_600 }

/** Bytes of a `doc` attribute without its text. */
const DOC_KEY = 13
/** Levels of indentation of the deepest `doc`. */
const DEPTH = 10

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

/** Text of a schema, as in the header of an alert. */
export function schemaText(options: SchemaOptions): string {
  const { style, indent, length } = options
  const bare = print(new Writer(options).alert(), style, indent)
  if (length === undefined || length <= bare.length) return bare
  const docLength = Math.floor((length - bare.length) / bare.split('"name"').length) - DOC_KEY - DEPTH * (indent ?? 0)
  const padded = new Writer(options, Math.max(0, docLength)).alert()
  const missing = length - print(padded, style, indent).length
  return print({ ...padded, doc: docText('alert', Math.max(0, missing) + String(padded.doc).length) }, style, indent)
}

/** Whether schema version `version` has a field that was added in `since`. Minor versions are integers: that of 4.02 is 2. */
export function isIn(version: string, since: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [sinceMajor = 0, sinceMinor = 0] = since.split('.').map(Number)
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor)
}

class Writer {
  private readonly seen = new Set<RecordName>()
  private readonly options: SchemaOptions
  private readonly docLength: number

  constructor(options: SchemaOptions, docLength = 0) {
    this.options = options
    this.docLength = docLength
  }

  alert(): SchemaObject {
    const top = this.options.style === 'go' ? { name: 'ztf.alert' } : { name: 'alert', namespace: 'ztf' }
    return { ...this.record('alert', top), doc: 'a synthetic alert' }
  }

  private record(name: RecordName, naming: object = { name, namespace: 'ztf.alert' }): SchemaObject {
    const { version, extra } = this.options
    const known = RECORDS[name].filter(field => isIn(version, field.since)).map(field => this.field(name, field))
    return { type: 'record', version, ...naming, fields: [...known, ...(extra?.[name] ?? [])] }
  }

  private field(record: RecordName, { name, type }: Field): SchemaField {
    const doc = this.docLength > 0 ? { doc: docText(record + name, this.docLength) } : {}
    const bare = this.type(type)
    if (REQUIRED[record].split(' ').includes(name)) return { type: bare, name, ...doc }
    return { type: this.options.style === 'go' ? ['null', bare] : [bare, 'null'], name, default: null, ...doc }
  }

  private type(type: Field['type']): Schema {
    if (typeof type === 'string') return type
    return 'array' in type ? { type: 'array', items: this.named(type.array) } : this.named(type.record)
  }

  /** The definition of a record at its first use, its full name later. */
  private named(name: RecordName): Schema {
    if (this.seen.has(name)) return `ztf.alert.${name}`
    this.seen.add(name)
    return this.record(name)
  }
}

/** Python puts spaces into its JSON. Go does not, and sorts keys. */
function print(schema: Schema, style: Style, indent?: number): string {
  const ordered = style === 'go' ? sorted(schema) : schema
  if (indent !== undefined) return JSON.stringify(ordered, null, indent)
  if (style === 'go') return JSON.stringify(ordered)
  return JSON.stringify(ordered, null, 1)
    .replace(/,\n\s*/g, ', ')
    .replace(/\n\s*/g, '')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** Random words, always the same for a name. They compress about as well as text. */
function docText(name: string, length: number): string {
  const random = new Random(Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7))
  let text = ''
  while (text.length < length) text += `${random.letters(random.int(2, 8))} `
  return text.slice(0, length)
}

/** All combinations of version and style that can be made here. */
export const SCHEMA_VARIANTS: readonly [Version, Style][] = [
  ['1.8', 'python'],
  ['3.1', 'python'],
  ['3.3', 'python'],
  ['3.3', 'go'],
  ['4.02', 'go'],
]
