import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertColumns, compile } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/damage.ts'
import { Decoder } from '../../lib/alerts/decoder.ts'
import { PacketReader } from '../../lib/alerts/packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { LIMITS } from '../../lib/limits.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodePacket, encodeRecord } from '../../lib/synthetic/avro.ts'
import { recordType } from '../../lib/synthetic/avro-type.ts'
import * as damage from '../../lib/synthetic/damage.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { type Style, schemaText, WRITINGS } from '../../lib/synthetic/schema.ts'
import { packetOf } from '../properties/packets.ts'

test('a header of the Python writer is compiled once, whatever its sync marker', () => {
  const schema = schemaText({ version: '3.3', style: 'python' })
  const { packets, compiled } = counting()
  const records = Array.from({ length: 50 }, (_, i) => {
    const { packet, record } = make(schema, 'python', i)
    assert.deepEqual(open(packets, packet), { schema, record })
    return packet.subarray(-16).toString('hex')
  })
  assert.equal(new Set(records).size, 50)
  assert.deepEqual(compiled, [schema])
})

test('a header of the Go writer is compiled once for each order of its keys', () => {
  const schema = schemaText({ version: '4.02', style: 'go' })
  const { packets, compiled } = counting()
  for (let i = 0; i < 50; i++) {
    const { packet, record } = make(schema, 'go', i)
    assert.deepEqual(open(packets, packet), { schema, record })
  }
  assert.deepEqual(compiled, [schema, schema])
})

test('texts of one version are told from one another', () => {
  const texts = WRITINGS.flatMap(([version, style]) =>
    [undefined, 2, 4].map(indent => schemaText({ version, style, ...(indent && { indent }) })),
  )
  assert.equal(new Set(texts).size, 15)
  const { packets, compiled } = counting()
  for (let i = 0; i < 60; i++) {
    const schema = texts[i % texts.length] as string
    const { packet, record } = make(schema, 'python', i)
    assert.deepEqual(open(packets, packet), { schema, record })
  }
  assert.deepEqual(compiled, texts)
})

test('a packet is found at its place among other bytes, which may change once it was opened', () => {
  const schema = schemaText({ version: '1.8', style: 'python' })
  const { packets, compiled } = counting()
  for (const before of [0, 7, 1000]) {
    const { packet, record } = make(schema, 'python', before)
    const around = Buffer.concat([Buffer.alloc(before, 1), packet, Buffer.alloc(99, 1)])
    const { start, end } = packets.open(around, before, before + packet.length)
    assert.deepEqual(around.subarray(start, end), record)
    around.fill(0)
  }
  assert.equal(compiled.length, 1)
})

for (const [name, spoil] of Object.entries<damage.Damage>({ ...damage }))
  test(`a packet that is ${name} is refused in one sentence, and the next one read`, () => {
    let refused = 0
    for (const [version, style] of WRITINGS)
      for (const warm of [false, true]) {
        const read = reader()
        const schema = schemaText({ version, style })
        const packet = make(schema, style, 5).packet
        if (warm) read(packet)
        assert.throws(() => read(spoil(packet)), isOneSentence, `${version} ${style}`)
        read(packet)
        refused++
      }
    assert.equal(refused, 10)
  })

test('a packet cut anywhere is refused in one sentence', () => {
  const read = reader()
  const { packet } = make(schemaText({ version: '4.02', style: 'go' }), 'go', 1)
  const random = new Random(8)
  for (let i = 0; i < 300; i++) {
    const missing = i < 60 ? i + 1 : random.int(1, packet.length)
    assert.throws(() => read(damage.truncated(packet, missing)), isOneSentence, `${missing} bytes missing`)
  }
  read(packet)
})

test('a packet with a byte changed is read, or refused in one sentence', () => {
  const read = reader()
  const { packet } = make(schemaText({ version: '3.3', style: 'python' }), 'python', 1)
  const random = new Random(9)
  let refused = 0
  for (let i = 0; i < 2000; i++) {
    const copy = Buffer.from(packet)
    copy[i < 200 ? i : random.int(0, packet.length - 1)] = random.int(0, 255)
    try {
      read(copy)
    } catch (error) {
      isOneSentence(error)
      refused++
    }
  }
  assert.ok(refused > 100, `${refused} were refused`)
})

test('a packet of another codec is refused by its name', () => {
  const schema = schemaText({ version: '3.3', style: 'go' })
  const alert = makeAlert(recordType(schema), { night: '20210101', index: 0, random: new Random(1), version: '3.3' })
  const packet = (codec: string) => encodePacket(alert, { schema, style: 'go', random: new Random(1), codec })
  assert.throws(() => reader()(packet('deflate')), { message: 'its codec is deflate, expected null' })
  reader()(packet(''))
})

test('a header that promises entries without end is refused at once', () => {
  const endless = Buffer.from('Obj\x01\xfe\xff\xff\x7f\x02a\x02b', 'latin1')
  const more = Buffer.from('Obj\x01\xfe\xff\xff\xff\xff\xff\xff\xff\x7f', 'latin1')
  for (const header of [endless, more]) assert.throws(() => reader()(header), CorruptPacketError)
})

test('a word that every object answers to is no type', () => {
  for (const type of ['constructor', 'toString', '__proto__', { type: 'constructor' }, { type: 'toString' }]) {
    const fields = [{ name: 'f', type }]
    const schema = JSON.stringify({ type: 'record', name: 'alert', fields })
    assert.throws(() => reader()(packetOf(schema, Buffer.from([2]))), CorruptPacketError, String(type))
  }
})

test('a packet that is spoilt after its header brings no column', () => {
  const columns = alertColumns()
  const before = columns.children.size
  const packets = new PacketReader(text => compile(parseSchema(text).shape, columns, LIMITS.columns))
  const schema = JSON.stringify({ type: 'record', name: 'alert', fields: [{ name: 'new', type: 'int' }] })
  const packet = packetOf(schema, Buffer.from([2]))
  assert.throws(() => packets.open(damage.wrongMarker(packet), 0, packet.length), CorruptPacketError)
  assert.equal(columns.children.size, before)
  packets.open(packet, 0, packet.length)
  assert.equal(columns.children.size, before + 1)
})

test('of many schemas the newest are known, and one that was forgotten is compiled again', () => {
  const { packets, compiled } = counting()
  const packet = (i: number) => packetOf(`{"schema":${i}}`, Buffer.alloc(1))
  for (let i = 0; i <= LIMITS.schemas; i++) open(packets, packet(i))
  open(packets, packet(1))
  assert.equal(compiled.length, LIMITS.schemas + 1)
  open(packets, packet(0))
  assert.equal(compiled.length, LIMITS.schemas + 2)
})

/** Packets that note each text they are asked to compile, and make nothing of it. */
function counting(): { packets: PacketReader<string>; compiled: string[] } {
  const compiled: string[] = []
  const packets = new PacketReader(schema => {
    compiled.push(schema)
    return schema
  })
  return { packets, compiled }
}

/** Opens a packet and decodes its record, as a conversion does. */
function reader(): (packet: Buffer) => void {
  const columns = alertColumns()
  const decoder = new Decoder()
  const packets = new PacketReader(text => compile(parseSchema(text).shape, columns, LIMITS.columns).step)
  return packet => {
    columns.truncate(0)
    const { schema, start, end } = packets.open(packet, 0, packet.length)
    decoder.decode(schema, 0, packet, start, end)
  }
}

function open(packets: PacketReader<string>, packet: Buffer): { schema: string; record: Buffer } {
  const { schema, start, end } = packets.open(packet, 0, packet.length)
  return { schema, record: packet.subarray(start, end) }
}

function make(schema: string, style: Style, seed: number): { packet: Buffer; record: Buffer } {
  const random = new Random(seed)
  const values = makeAlert(recordType(schema), { night: '20210101', index: seed, random, version: '3.3' })
  return { packet: encodePacket(values, { schema, style, random }), record: encodeRecord(schema, values) }
}

function isOneSentence(error: unknown): true {
  assert.ok(error instanceof Error)
  assert.match(error.message, /^[^\n]{10,200}$/)
  return true
}
