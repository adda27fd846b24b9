import { parseSchema } from '../../lib/alerts/schema.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodePacket, encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { randomValue } from '../../lib/synthetic/random-value.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { rawPacket } from '../support/raw-packet.ts'
import { SCHEMA_VARIANTS } from '../support/schema-variants.ts'
import { applyEdits, edits } from './bytes.ts'
import { fc } from './cases.ts'
import { EXPLODING, schemas } from './schemas.ts'

export interface PacketCase {
  readonly bytes: Buffer
  /** Whether the bytes are exactly those of the archive's writers. */
  readonly intact: boolean
}

/** Small alerts as the archive's writers encode them. */
export const INTACT: readonly Buffer[] = Array.from({ length: 40 }, (_, index) => {
  const [version, style] = SCHEMA_VARIANTS[index % SCHEMA_VARIANTS.length] as (typeof SCHEMA_VARIANTS)[number]
  const schema = schemaText({ version, style })
  const random = new Random(index)
  const alert = makeAlert(parseSchema(schema).shape, { night: '20200101', index, random, version })
  return encodePacket(alert, { schema, style, random, arrays: index % 2 ? 'plain' : 'sized' })
})

/** The first half only; `edited` uses the other, so that their candids differ unless an edit makes them equal. */
export const intact: fc.Arbitrary<PacketCase> = fc
  .integer({ min: 0, max: 19 })
  .map(index => ({ bytes: INTACT[index] as Buffer, intact: true }))

const edited = fc
  .tuple(fc.integer({ min: 20, max: 39 }), edits)
  .map(([index, changes]) => applyEdits(INTACT[index] as Buffer, changes))

const unusualSchema = fc
  .tuple(schemas, fc.integer(), fc.option(edits))
  .map(([schema, seed, changes]) => rawPacket(schema, applyEdits(recordFor(schema, seed), changes ?? [])))

const exploding = fc
  .tuple(fc.constantFrom(...Object.values(EXPLODING)), fc.uint8Array({ maxLength: 50 }))
  .map(([schema, record]) => rawPacket(schema, Buffer.from(record)))

/** Packets that are damaged, or unusual but valid. */
export const hostile: fc.Arbitrary<PacketCase> = fc
  .oneof(
    { weight: 8, arbitrary: edited },
    { weight: 8, arbitrary: unusualSchema },
    { weight: 1, arbitrary: exploding },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)) },
  )
  .map(bytes => ({ bytes, intact: false }))

/** A record of the schema, or random bytes if none can be encoded. */
function recordFor(schema: string, seed: number): Buffer {
  const random = new Random(seed)
  // A fixed type may have a size of gigabytes.
  if (/"size":[\d.e+]{3,}/.test(schema)) return random.bytes(30)
  try {
    const value = randomValue(parseSchema(schema).shape, { random, nulls: 0.3, edges: 0.1 })
    return encodeRecord(schema, value as object)
  } catch {
    return random.bytes(30)
  }
}
