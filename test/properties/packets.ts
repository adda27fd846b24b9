import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodePacket, encodeRecord } from '../../lib/synthetic/avro.ts'
import { recordType } from '../../lib/synthetic/avro-type.ts'
import { fill } from '../../lib/synthetic/filler.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { schemaText, WRITINGS } from '../../lib/synthetic/schema.ts'
import { edited, edits } from './bytes.ts'
import { fc } from './cases.ts'
import { ENDLESS, schemas } from './schemas.ts'

/** A packet, whole as its writer made it or not. */
export interface Case {
  readonly bytes: Buffer
  readonly whole: boolean
}

const MARKER = Buffer.from('a marker of 16 b')
const NO_CODEC = Buffer.from('\x14avro.codec\x08null', 'latin1')

/** Alerts as the archive's writers make them, small ones. */
export const WHOLE: readonly Buffer[] = Array.from({ length: 40 }, (_, index) => {
  const [version, style] = WRITINGS[index % WRITINGS.length] as (typeof WRITINGS)[number]
  const schema = schemaText({ version, style })
  const random = new Random(index)
  const alert = makeAlert(recordType(schema), { night: '20200101', index, random, version })
  return encodePacket(alert, { schema, style, random, arrays: index % 2 ? 'plain' : 'sized' })
})

/** Whole packets are the first half: no other has a candid of theirs, unless a change made one. */
export const whole: fc.Arbitrary<Case> = fc
  .integer({ min: 0, max: 19 })
  .map(index => ({ bytes: WHOLE[index] as Buffer, whole: true }))

const changed = fc
  .tuple(fc.integer({ min: 20, max: 39 }), edits)
  .map(([index, changes]) => edited(WHOLE[index] as Buffer, changes))

const strange = fc
  .tuple(schemas, fc.integer(), fc.option(edits))
  .map(([schema, seed, changes]) => packetOf(schema, edited(recordOf(schema, seed), changes ?? [])))

const endless = fc
  .tuple(fc.constantFrom(...Object.values(ENDLESS)), fc.uint8Array({ maxLength: 50 }))
  .map(([schema, record]) => packetOf(schema, Buffer.from(record)))

/** Packets in which something is wrong, or that only seems so. */
export const hostile: fc.Arbitrary<Case> = fc
  .oneof(
    { weight: 8, arbitrary: changed },
    { weight: 8, arbitrary: strange },
    { weight: 1, arbitrary: endless },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)) },
  )
  .map(bytes => ({ bytes, whole: false }))

/** A packet of any schema's text and any record's bytes. */
export function packetOf(schema: string, record: Buffer): Buffer {
  const text = Buffer.from(schema)
  return Buffer.concat([
    ...[Buffer.from('Obj\x01\x04', 'latin1'), NO_CODEC, Buffer.from('\x16avro.schema'), varint(text.length), text],
    ...[Buffer.from([0]), MARKER, Buffer.from([2]), varint(record.length), record, MARKER],
  ])
}

/** A record of the schema, where it is one that bytes can be made for. */
function recordOf(schema: string, seed: number): Buffer {
  const random = new Random(seed)
  // A fixed may have any size.
  if (/"size":[\d.e+]{3,}/.test(schema)) return random.bytes(30)
  try {
    const value = fill(recordType(schema), { random, nulls: 0.3, edges: 0.1 })
    return encodeRecord(schema, value as object)
  } catch {
    return random.bytes(30)
  }
}

export function varint(length: number): Buffer {
  const bytes = []
  let rest = length * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}
