// Thrift and Bloom filters, both by hyparquet-writer, which no other module imports.
import { BloomBuilder, writeBloomFilter } from 'hyparquet-writer/src/bloom.js'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js'

/**
 * A Thrift struct as hyparquet-writer takes it: fields named `field_<id>` in ascending order, undefined if absent. An
 * i32 is a number, an i64 a bigint.
 */
export type ThriftStruct = { readonly [field: `field_${number}`]: unknown }

const writer = new ByteWriter()

/** Encodes a struct in Thrift's compact protocol. */
export function serialize(struct: ThriftStruct): Uint8Array {
  writer.index = writer.offset = 0
  serializeTCompactProtocol(writer, struct)
  return writer.getBytes().slice()
}

/** Returns a split block Bloom filter of strings, with its header; undefined if there are no strings. */
export function bloomFilter(values: Iterable<string>): Uint8Array | undefined {
  const builder = new BloomBuilder({ type: 'BYTE_ARRAY', converted_type: 'UTF8', name: '' })
  for (const value of values) builder.insert(value)
  const blocks = builder.finalize()
  if (!blocks) return undefined
  const filter = new ByteWriter()
  writeBloomFilter(filter, blocks)
  return filter.getBytes()
}
