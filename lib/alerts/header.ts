import { LIMITS } from '../limits.ts'
import { Damage } from './damage.ts'

export interface Header {
  /** The JSON text of the writer's schema. */
  readonly schema: string
  /** Bytes from the start of the file to the end of the sync marker. */
  readonly length: number
}

export const SYNC = 16
const MAGIC = Buffer.from('Obj\x01', 'latin1')

/**
 * Reads the header of an Avro object container file (specification 1.11, "Object Container Files").
 *
 * Not by avsc, which counts on through a map that promises more entries than there are bytes.
 *
 * @throws Damage where the bytes do not begin with one, or promise a codec that no alert has had.
 */
export function parseHeader(bytes: Buffer): Header {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Damage('it does not begin as an Avro file does')
  const head = bytes.subarray(0, LIMITS.header)
  const { meta, end } = metadata(head)
  if (end + SYNC > head.length) throw cut(bytes)
  const codec = meta.get('avro.codec')?.toString() ?? 'null'
  if (codec !== 'null' && codec !== '') throw new Damage(`its codec is ${codec}, expected null`)
  const schema = meta.get('avro.schema')
  if (!schema) throw new Damage('its header holds no schema')
  return { schema: schema.toString(), length: end + SYNC }
}

/** A zigzag varint of at most 28 bits: more than any length in a packet. */
export function varint(bytes: Buffer, at: number, end: number): { value: number; end: number } {
  let value = 0
  for (let shift = 0; shift < 28 && at < end; shift += 7) {
    const byte = bytes[at++] as number
    value |= (byte & 127) << shift
    if (byte < 128) return { value: (value >>> 1) ^ -(value & 1), end: at }
  }
  throw new Damage("its block's counts are cut or larger than any alert")
}

/** The map of the header, in blocks of entries, of which the last has none. */
function metadata(head: Buffer): { meta: Map<string, Buffer>; end: number } {
  const meta = new Map<string, Buffer>()
  let at = MAGIC.length
  for (;;) {
    const block = varint(head, at, head.length)
    at = block.value < 0 ? varint(head, block.end, head.length).end : block.end
    if (block.value === 0) return { meta, end: at }
    for (let left = Math.abs(block.value); left > 0; left--) {
      const key = field(head, at)
      const value = field(head, key.end)
      meta.set(key.bytes.toString(), value.bytes)
      at = value.end
    }
  }
}

function field(head: Buffer, at: number): { bytes: Buffer; end: number } {
  const length = varint(head, at, head.length)
  const end = length.end + length.value
  if (length.value < 0 || end > head.length) throw cut(head)
  return { bytes: head.subarray(length.end, end), end }
}

function cut(bytes: Buffer): Damage {
  return new Damage(
    bytes.length < LIMITS.header ? "the file's header is cut" : "the file's header is longer than any alert's",
  )
}
