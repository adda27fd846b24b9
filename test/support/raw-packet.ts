const MARKER = Buffer.from('a marker of 16 b')

/** A packet with the given schema text and record bytes, whether or not they make sense. */
export function rawPacket(schema: string, record: Buffer, codec = 'null'): Buffer {
  const metadata = ['avro.codec', codec, 'avro.schema', schema].flatMap(text => sized(Buffer.from(text)))
  const header = [Buffer.from('Obj\x01\x04'), ...metadata, Buffer.from([0]), MARKER]
  return Buffer.concat([...header, Buffer.from([2]), ...sized(record), MARKER])
}

function sized(bytes: Buffer): Buffer[] {
  return [varint(bytes.length), bytes]
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
