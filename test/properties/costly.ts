import { packetOf, varint } from './packets.ts'
import { type Entry, entryOf } from './tars.ts'

/** A night that costs its maker little, and what must become of it. */
export interface Costly {
  /** The tar, part by part, since it is larger than memory should hold. */
  readonly tar: () => Iterable<Buffer>
  readonly end: Readonly<Record<string, unknown>> | RegExp
  /** Takes too long for each run: `make torture` has it. */
  readonly slow?: boolean
}

/** Each at one resource of whom reads it. */
export const COSTLY: Readonly<Record<string, Costly>> = {
  'a GiB of zeros': { tar: () => repeated(Buffer.alloc(MIB), 1024), end: { state: 'empty', alerts: 0 } },
  'a GiB of names': {
    tar: () => repeated(entryOf({ type: 'L', name: '', body: Buffer.alloc(60_000, 'x') }), 17_000),
    end: /^it holds no alert, and its tar lacks the blocks that end one/,
  },
  'a GiB of one member': {
    tar: () => joined(huge(), repeated(Buffer.alloc(MIB), 1024)),
    end: /^none of its 1 packets can be read .*more than any alert/,
  },
  'members of nothing': {
    tar: () => repeated(entryOf(member(Buffer.alloc(0))), 11_000),
    end: /^over 10,000 packets of it are damaged/,
  },
  'damaged packets of a GiB': {
    tar: () => repeated(entryOf(member(Buffer.alloc(15 * MIB))), 80),
    end: /^over 68 packets of it are damaged/,
  },
  'elements of a byte each': { tar: () => alerts(100, () => elements()), end: { state: 'whole', alerts: 100 } },
  'columns in long arrays': {
    tar: () => alerts(60, i => (i < 20 ? elements() : columns())),
    end: { state: 'whole', alerts: 60 },
    slow: true,
  },
  'texts, each of another field': {
    tar: () => alerts(90, texts),
    end: { state: 'whole', alerts: 90 },
    slow: true,
  },
  'a schema an alert': {
    tar: () => alerts(500, i => elements({ doc: 'x'.repeat(200_000) + i, count: 1 })),
    end: { state: 'whole', alerts: 500 },
    slow: true,
  },
  'a version an alert': {
    tar: () => alerts(500, i => elements({ version: `1.${i}`, count: 1 })),
    end: { state: 'whole', alerts: 500 },
  },
  'duplicates without end': {
    tar: () => alerts(50_000, () => elements({ count: 1 }), true),
    end: { state: 'whole', alerts: 1, members: 50_000 },
    slow: true,
  },
}

interface Made {
  readonly schema: string
  readonly record: Buffer
}

const MIB = 1 << 20
const MOST = 16_000

/** Alerts whose array has elements of a byte, each of which takes a row of all its columns. */
function elements({ doc = '', version = '3.3', count = MOST } = {}): Made {
  const items = { type: 'record', name: 'p', fields: [{ name: 'jd', type: ['null', 'double'] }] }
  const list = { name: 'prv_candidates', type: { type: 'array', items } }
  const fields = [{ name: 'candid', type: 'long' }, list]
  const schema = JSON.stringify({ type: 'record', name: 'alert', version, doc, fields })
  return { schema, record: Buffer.concat([varint(count), Buffer.alloc(count + 1)]) }
}

/** Columns in an array that other alerts have made long. */
function columns(): Made {
  const fields = Array.from({ length: 240 }, (_, i) => ({ name: `c${i}`, type: ['null', 'double'] }))
  const items = { type: 'record', name: 'p', fields }
  const list = { name: 'prv_candidates', type: { type: 'array', items } }
  const schema = { type: 'record', name: 'alert', fields: [{ name: 'candid', type: 'long' }, list] }
  return { schema: JSON.stringify(schema), record: Buffer.concat([varint(MOST), Buffer.alloc(MOST * 240 + 1)]) }
}

function texts(index: number): Made {
  const name = `t${index % 60}`
  const fields = [
    { name: 'candid', type: 'long' },
    { name, type: 'bytes' },
  ]
  return {
    schema: JSON.stringify({ type: 'record', name: 'alert', fields }),
    record: Buffer.concat([varint(15 * MIB), Buffer.alloc(15 * MIB)]),
  }
}

function* alerts(count: number, make: (index: number) => Made, same = false): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    const { schema, record } = make(i)
    yield entryOf(member(packetOf(schema, Buffer.concat([varint(same ? 1 : i), record]))))
  }
  yield Buffer.alloc(1024)
}

function member(body: Buffer): Entry {
  return { type: '0', name: 'a.avro', body }
}

/** The header of a member of a GiB. */
function* huge(): Generator<Buffer> {
  yield entryOf({ ...member(Buffer.alloc(0)), size: '10000000000' })
}

function* repeated(part: Buffer, count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) yield part
}

function* joined(...parts: Iterable<Buffer>[]): Generator<Buffer> {
  for (const part of parts) yield* part
}
