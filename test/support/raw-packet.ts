const MARKER = Buffer.from('a marker of 16 b')
const NO_CODEC = Buffer.from('\x14avro.codec\x08null', 'latin1')

/** A packet with the given schema text and record bytes, whether or not they make sense. */
export function rawPacket(schema: string, record: Buffer): Buffer {
  const text = Buffer.from(schema)
  return Buffer.concat([
    ...[Buffer.from('Obj\x01\x04', 'latin1'), NO_CODEC, Buffer.from('\x16avro.schema'), varint(text.length), text],
    ...[Buffer.from([0]), MARKER, Buffer.from([2]), varint(record.length), record, MARKER],
  ])
}

/** Avro's encoding of a non-negative number. */
export function varint(value: number): Buffer {
  const bytes = []
  let rest = value * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

/** The text of a record schema with the given fields. */
export function schemaOf(fields: readonly unknown[]): string {
  return JSON.stringify({ type: 'record', name: 'alert', fields })
}
