import { rawPacket, varint } from '../support/raw-packet.ts'
import { type Entry, rawEntry } from '../support/raw-tar.ts'

/** A small tarball that tries to exhaust memory, disk or time, and the expected result of its conversion. */
export interface Bomb {
  /** The tar in parts, because it is too large for memory. */
  readonly tar: () => Iterable<Buffer>
  /** Values of the manifest, or the error. */
  readonly expected: Readonly<Record<string, unknown>> | RegExp
  /** Runs in `make torture` only. */
  readonly slow?: boolean
}

export const BOMBS: Readonly<Record<string, Bomb>> = {
  'a GiB of zeros': { tar: () => repeated(Buffer.alloc(MIB), 1024), expected: { state: 'empty', alerts: 0 } },
  'a GiB of member names': {
    tar: () => repeated(rawEntry({ type: 'L', name: '', body: Buffer.alloc(60_000, 'x') }), 17_000),
    expected: /^it has no alerts, and its tar has no end-of-archive blocks/,
  },
  'a GiB of one member': {
    tar: () => joined(oversizeHeader(), repeated(Buffer.alloc(MIB), 1024)),
    expected: /^none of its 1 packets can be read .*more than any alert/,
  },
  'empty members': {
    tar: () => repeated(rawEntry(member(Buffer.alloc(0))), 11_000),
    expected: /^more than 10,000 packets are damaged/,
  },
  'a GiB of damaged packets': {
    tar: () => repeated(rawEntry(member(Buffer.alloc(15 * MIB))), 80),
    expected: /^more than 68 packets are damaged/,
  },
  'array elements of one byte each': {
    tar: () => alerts(100, () => longArray()),
    expected: { state: 'whole', alerts: 100 },
  },
  'many columns in long arrays': {
    tar: () => alerts(60, i => (i < 20 ? longArray() : wideArray('double'))),
    expected: { state: 'whole', alerts: 60 },
    slow: true,
  },
  'hundreds of long columns in long arrays': {
    tar: () => alerts(34, () => wideArray('long')),
    expected: { state: 'whole', alerts: 34 },
  },
  'long enum symbols in long arrays': {
    tar: () => alerts(40, () => enumArray(100)),
    expected: { state: 'whole', alerts: 40 },
  },
  'enum symbols that are too long': {
    tar: () => alerts(20, () => enumArray(60_000)),
    expected: /^none of its 20 packets can be read .*it has an enum symbol of 60000 characters/,
  },
  'hundreds of long enum symbols in long arrays': {
    tar: () => alerts(20, () => arrayOf({ type: 'enum', name: 'e', symbols: ['x'.repeat(100)] }, 240)),
    expected: /^none of its 20 packets can be read .*its enum symbols take up more than/,
  },
  'empty lists in long arrays': {
    tar: () => alerts(10, () => arrayOf({ type: 'array', items: 'int' }, 120)),
    expected: { state: 'whole', alerts: 10 },
  },
  'lists that long arrays lack': {
    tar: () => alerts(60, i => (i === 0 ? arrayOf({ type: 'array', items: 'int' }, 120) : longArray())),
    expected: { state: 'whole', alerts: 60 },
    slow: true,
  },
  'deep lists in long arrays': {
    tar: () => alerts(10, () => arrayOf(listOf(12), 120)),
    expected: /^none of its 10 packets can be read .*exceeds the number of new columns/,
  },
  'large object ids': {
    tar: () => alerts(60, () => largeValue('objectId', 'string')),
    expected: /^none of its 60 packets can be read .*: its strings have \d+ bytes, more than any alert's\)$/,
    slow: true,
  },
  'large values, each of another field': {
    tar: () => alerts(90, i => largeValue(`t${i % 60}`)),
    expected: { state: 'whole', alerts: 90 },
    slow: true,
  },
  'large values, each in a file of its own': {
    tar: () => alerts(250, i => largeValue(`t${i}`)),
    expected: { state: 'whole', alerts: 250 },
    slow: true,
  },
  'a new schema per alert': {
    tar: () => alerts(500, i => longArray({ doc: 'x'.repeat(200_000) + i, count: 1 })),
    expected: { state: 'whole', alerts: 500 },
    slow: true,
  },
  'a new version per alert': {
    tar: () => alerts(500, i => longArray({ version: `1.${i}`, count: 1 })),
    expected: { state: 'whole', alerts: 500 },
  },
  'many duplicates': {
    tar: () => alerts(50_000, () => longArray({ count: 1 }), true),
    expected: { state: 'whole', alerts: 1, members: 50_000 },
    slow: true,
  },
  'large duplicates, each with its value in another column': {
    tar: () => alerts(120, largeText, true),
    expected: /^more than \d+ packets are damaged, the last because it differs from an earlier alert/,
  },
}

interface SchemaAndRecord {
  readonly schema: string
  readonly record: Buffer
}

const MIB = 1 << 20
/** Just below LIMITS.alertElements. */
const MAX_ELEMENTS = 16_000

/** An array whose elements take one byte each, but a row of every column. */
function longArray({ doc = '', version = '3.3', count = MAX_ELEMENTS } = {}): SchemaAndRecord {
  const items = { type: 'record', name: 'p', fields: [{ name: 'jd', type: ['null', 'double'] }] }
  const list = { name: 'prv_candidates', type: { type: 'array', items } }
  const fields = [{ name: 'candid', type: 'long' }, list]
  const schema = JSON.stringify({ type: 'record', name: 'alert', version, doc, fields })
  return { schema, record: Buffer.concat([varint(count), Buffer.alloc(count + 1)]) }
}

/** Adds 240 columns to an array that other alerts have made long. Each element takes a byte per column. */
function wideArray(type: 'double' | 'long'): SchemaAndRecord {
  const fields = Array.from({ length: 240 }, (_, i) => ({
    name: `c${i}`,
    type: type === 'long' ? type : ['null', type],
  }))
  const items = { type: 'record', name: 'p', fields }
  const list = { name: 'prv_candidates', type: { type: 'array', items } }
  const schema = { type: 'record', name: 'alert', fields: [{ name: 'candid', type: 'long' }, list] }
  const elements = Buffer.alloc(MAX_ELEMENTS * 240)
  // Longs that a codec can hardly compress.
  if (type === 'long') for (let i = 0; i < elements.length; i++) elements[i] = (i * i + (i >> 7)) & 127
  return {
    schema: JSON.stringify(schema),
    record: Buffer.concat([varint(MAX_ELEMENTS), elements, Buffer.alloc(1)]),
  }
}

/** An array of records with the given number of fields of a type, whose values take one byte each. */
function arrayOf(type: object, count: number): SchemaAndRecord {
  // Avro defines a named type once.
  const fields = Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    type: i > 0 && 'name' in type ? type.name : type,
  }))
  const items = { type: 'record', name: 'p', fields }
  const list = { name: 'prv_candidates', type: { type: 'array', items } }
  const schema = JSON.stringify({ type: 'record', name: 'alert', fields: [{ name: 'candid', type: 'long' }, list] })
  return { schema, record: Buffer.concat([varint(MAX_ELEMENTS), Buffer.alloc(MAX_ELEMENTS * count + 1)]) }
}

/** Lists in lists. */
function listOf(depth: number): object {
  return { type: 'array', items: depth > 1 ? listOf(depth - 1) : 'int' }
}

/** An array of enum symbols, each of which takes one byte. */
function enumArray(symbolLength: number): SchemaAndRecord {
  const symbol = { type: 'enum', name: 'e', symbols: ['x'.repeat(symbolLength)] }
  const list = { name: 'symbols', type: { type: 'array', items: symbol } }
  const fields = [{ name: 'candid', type: 'long' }, list]
  const schema = JSON.stringify({ type: 'record', name: 'alert', fields })
  return { schema, record: Buffer.concat([varint(MAX_ELEMENTS), Buffer.alloc(MAX_ELEMENTS + 1)]) }
}

/** A text of 15 MiB in one of 60 columns; the others are empty. */
function largeText(index: number): SchemaAndRecord {
  const texts = Array.from({ length: 60 }, (_, i) => ({ name: `t${i}`, type: 'string' }))
  const fields = [{ name: 'candid', type: 'long' }, ...texts]
  const values = texts.flatMap((_, i) =>
    i === index % 60 ? [varint(15 * MIB), Buffer.alloc(15 * MIB, 'x')] : [varint(0)],
  )
  return { schema: JSON.stringify({ type: 'record', name: 'alert', fields }), record: Buffer.concat(values) }
}

/** A value of 15 MiB in a field. */
function largeValue(name: string, type = 'bytes'): SchemaAndRecord {
  const fields = [
    { name: 'candid', type: 'long' },
    { name, type },
  ]
  return {
    schema: JSON.stringify({ type: 'record', name: 'alert', fields }),
    record: Buffer.concat([varint(15 * MIB), Buffer.alloc(15 * MIB)]),
  }
}

function* alerts(count: number, make: (index: number) => SchemaAndRecord, sameCandid = false): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    const { schema, record } = make(i)
    yield rawEntry(member(rawPacket(schema, Buffer.concat([varint(sameCandid ? 1 : i), record]))))
  }
  yield Buffer.alloc(1024)
}

function member(body: Buffer): Entry {
  return { type: '0', name: 'a.avro', body }
}

/** Header of a member of 1 GiB. */
function* oversizeHeader(): Generator<Buffer> {
  yield rawEntry({ ...member(Buffer.alloc(0)), size: '10000000000' })
}

function* repeated(part: Buffer, count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) yield part
}

function* joined(...parts: Iterable<Buffer>[]): Generator<Buffer> {
  for (const part of parts) yield* part
}
