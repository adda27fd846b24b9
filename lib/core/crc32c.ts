/** The polynomial of CRC-32C with its bits reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL = 0x82f63b78

/** `TABLES[n][byte]` is the CRC of a byte followed by n zero bytes. */
const TABLES = makeTables(8)
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [Table, Table, Table, Table, Table, Table, Table, Table]

type Table = Int32Array

/** State of a CRC-32C before its first byte. */
export const CRC_START = -1

/**
 * Updates a CRC-32C by some bytes, eight at a time. The CRC itself is the complement of the last state.
 *
 * zlib has only CRC-32, and calling a native function would take longer than computing 512 bytes.
 */
export function updateCrc(state: number, bytes: DataView, start: number, end: number): number {
  let crc = state
  let i = start
  for (; i + 8 <= end; i += 8) {
    const [low, high] = [crc ^ bytes.getInt32(i, true), bytes.getInt32(i + 4, true)]
    crc =
      at(T7, low & 255) ^
      at(T6, (low >>> 8) & 255) ^
      at(T5, (low >>> 16) & 255) ^
      at(T4, low >>> 24) ^
      at(T3, high & 255) ^
      at(T2, (high >>> 8) & 255) ^
      at(T1, (high >>> 16) & 255) ^
      at(T0, high >>> 24)
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ at(T0, (crc ^ bytes.getUint8(i)) & 255)
  return crc
}

function at(table: Table, byte: number): number {
  return table[byte] as number
}

function makeTables(count: number): Table[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    return crc
  })
  const tables = [first]
  while (tables.length < count) tables.push((tables.at(-1) as Table).map(crc => (crc >>> 8) ^ at(first, crc & 255)))
  return tables
}
