import { parseSchema } from '../../lib/alerts/schema.ts'
import { type AlertOptions, makeAlert, type Values } from '../../lib/synthetic/alert.ts'
import { type ArrayBlocks, encodePacket } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { type Style, schemaText, type Version } from '../../lib/synthetic/schema.ts'
import { oracleRead, plain } from './oracle.ts'

export function alertOptions(index: number): AlertOptions {
  return { night: '20231201', index, random: new Random(index), version: '4.02', edges: 0.01 }
}

/** Packets, each with the values that it encodes. */
export function packetsOf(
  version: Version,
  style: Style,
  arrays: ArrayBlocks = 'plain',
  count = 20,
  edges = 0.01,
): [Buffer, Values][] {
  const schema = schemaText({ version, style })
  const type = parseSchema(schema).shape
  return Array.from({ length: count }, (_, index) => {
    const values = makeAlert(type, { ...alertOptions(index), version, edges })
    return [encodePacket(values, { schema, style, arrays, random: new Random(index) }), values]
  })
}

/** The alert of a packet as avsc reads it, independently of our encoder; undefined if avsc cannot. */
export async function decode(packet: Buffer): Promise<Values | undefined> {
  const found = await oracleRead(packet, false)
  return found && (plain(found.value) as Values)
}
