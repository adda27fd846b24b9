import { gzipSync } from 'node:zlib'

const HEADER = 10
const NAME_FLAG = 8
const UNKNOWN_SYSTEM = 255

/** One gzip member. The header is our own: no date and no operating system, and a file name as the archive's have. */
export function gzip(bytes: Uint8Array, { name = '', level = 6 } = {}): Buffer {
  const header = Buffer.alloc(HEADER)
  header.set([0x1f, 0x8b, 8, name ? NAME_FLAG : 0])
  header[HEADER - 1] = UNKNOWN_SYSTEM
  const stated = name ? Buffer.from(`${name}\0`, 'latin1') : Buffer.alloc(0)
  return Buffer.concat([header, stated, gzipSync(bytes, { level }).subarray(HEADER)])
}

/** The bytes as `count` gzip members one after the other, which is a valid gzip file. */
export function gzipMembers(bytes: Uint8Array, count: number, options: { name?: string; level?: number } = {}): Buffer {
  const size = Math.ceil(bytes.length / count)
  const parts = Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  return Buffer.concat(parts.map(part => gzip(part, options)))
}
