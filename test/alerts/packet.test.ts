import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnownColumns } from '../../lib/alerts/column-names.ts'
import { alertColumns, compile } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { PacketReader } from '../../lib/alerts/packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { LIMITS } from '../../lib/limits.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodePacket, encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { type Style, schemaText } from '../../lib/synthetic/schema.ts'
import * as damage from '../support/damage.ts'
import { assertMessage } from '../support/message.ts'
import { rawPacket, schemaOf } from '../support/raw-packet.ts'
import { SCHEMA_VARIANTS, writtenSchema } from '../support/schema-variants.ts'
import { Target } from '../support/target.ts'

test('compiles a header of the Python writer once, for any sync marker', () => {
  const schema = schemaText({ version: '3.3', style: 'python' })
  const { packets, compiled } = recording()
  const records = Array.from({ length: 50 }, (_, i) => {
    const { packet, record } = make(schema, 'python', i)
    assert.deepEqual(open(packets, packet), { schema, record })
    return packet.subarray(-16).toString('hex')
  })
  assert.equal(new Set(records).size, 50)
  assert.deepEqual(compiled, [schema])
})

test('compiles a header of the Go writer once for each order of its keys', () => {
  const schema = schemaText({ version: '4.02', style: 'go' })
  const { packets, compiled } = recording()
  for (let i = 0; i < 50; i++) {
    const { packet, record } = make(schema, 'go', i)
    assert.deepEqual(open(packets, packet), { schema, record })
  }
  assert.deepEqual(compiled, [schema, schema])
})

test('distinguishes different schema texts of the same version', () => {
  const texts = SCHEMA_VARIANTS.flatMap(([version, style]) =>
    [0, 2, 4].map(indent => writtenSchema({ version, style, indent }).text),
  )
  assert.equal(new Set(texts).size, 15)
  const { packets, compiled } = recording()
  for (let i = 0; i < 60; i++) {
    const schema = texts[i % texts.length] as string
    const { packet, record } = make(schema, 'python', i)
    assert.deepEqual(open(packets, packet), { schema, record })
  }
  assert.deepEqual(compiled, texts)
})

test('opens a packet inside a larger buffer, and keeps no reference to the buffer', () => {
  const schema = schemaText({ version: '1.8', style: 'python' })
  const { packets, compiled } = recording()
  for (const before of [0, 7, 1000]) {
    const { packet, record } = make(schema, 'python', before)
    const around = Buffer.concat([Buffer.alloc(before, 1), packet, Buffer.alloc(99, 1)])
    const { start, end } = packets.open(around, before, before + packet.length)
    assert.deepEqual(around.subarray(start, end), record)
    around.fill(0)
  }
  assert.equal(compiled.length, 1)
})

for (const [name, damaged] of Object.entries<damage.Damage>({ ...damage }))
  test(`rejects a damaged packet, and reads the next one: ${name}`, () => {
    for (const [version, style] of SCHEMA_VARIANTS)
      for (const headerKnown of [false, true]) {
        const read = decoding()
        const schema = schemaText({ version, style })
        const packet = make(schema, style, 5).packet
        if (headerKnown) read(packet)
        assert.throws(() => read(damaged(packet)), isProperError, `${version} ${style}`)
        read(packet)
      }
  })

test('rejects a packet cut anywhere', () => {
  const read = decoding()
  const { packet } = make(schemaText({ version: '4.02', style: 'go' }), 'go', 1)
  const random = new Random(8)
  for (let i = 0; i < 300; i++) {
    const missing = i < 60 ? i + 1 : random.int(1, packet.length)
    assert.throws(() => read(damage.truncated(packet, missing)), isProperError, `${missing} bytes missing`)
  }
  read(packet)
})

test('rejects a packet with another codec, and names the codec', () => {
  const schema = schemaOf([{ name: 'candid', type: 'long' }])
  const packet = (codec: string) => rawPacket(schema, Buffer.from([2]), codec)
  assert.throws(() => decoding()(packet('deflate')), { message: 'its codec is deflate, expected null' })
  decoding()(packet(''))
})

test('rejects a header that promises more entries than there are bytes', () => {
  const endless = Buffer.from('Obj\x01\xfe\xff\xff\x7f\x02a\x02b', 'latin1')
  const more = Buffer.from('Obj\x01\xfe\xff\xff\xff\xff\xff\xff\xff\x7f', 'latin1')
  for (const header of [endless, more]) assert.throws(() => decoding()(header), CorruptPacketError)
})

test('adds no column for a packet that is damaged after its header', () => {
  const columns = alertColumns()
  const before = columns.children.size
  const packets = new PacketReader(text => compile(text, columns, LIMITS.addedColumns, new KnownColumns()))
  const schema = schemaOf([{ name: 'new', type: 'int' }])
  const packet = rawPacket(schema, Buffer.from([2]))
  assert.throws(() => packets.open(damage.wrongMarker(packet), 0, packet.length), CorruptPacketError)
  assert.equal(columns.children.size, before)
  packets.open(packet, 0, packet.length)
  assert.equal(columns.children.size, before + 1)
})

test('remembers the newest schemas, and compiles a forgotten one again', () => {
  const { packets, compiled } = recording()
  const packet = (i: number) => rawPacket(`{"schema":${i}}`, Buffer.alloc(1))
  for (let i = 0; i <= LIMITS.cachedSchemas; i++) open(packets, packet(i))
  open(packets, packet(1))
  assert.equal(compiled.length, LIMITS.cachedSchemas + 1)
  open(packets, packet(0))
  assert.equal(compiled.length, LIMITS.cachedSchemas + 2)
})

/** A reader whose compiled schema is its text, and the texts it has compiled. */
function recording(): { packets: PacketReader<string>; compiled: string[] } {
  const compiled: string[] = []
  const packets = new PacketReader(schema => {
    compiled.push(schema)
    return schema
  })
  return { packets, compiled }
}

/** A function that opens a packet and decodes its record. */
function decoding(): (packet: Buffer) => void {
  const target = new Target(alertColumns())
  return packet => target.open(packet)
}

function open(packets: PacketReader<string>, packet: Buffer): { schema: string; record: Buffer } {
  const { schema, start, end } = packets.open(packet, 0, packet.length)
  return { schema, record: packet.subarray(start, end) }
}

function make(schema: string, style: Style, seed: number): { packet: Buffer; record: Buffer } {
  const random = new Random(seed)
  const values = makeAlert(parseSchema(schema).shape, { night: '20210101', index: seed, random, version: '3.3' })
  return { packet: encodePacket(values, { schema, style, random }), record: encodeRecord(schema, values) }
}

function isProperError(error: unknown): true {
  assert.ok(error instanceof CorruptPacketError)
  assertMessage(error.message)
  return true
}
