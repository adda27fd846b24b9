import { gzipSync } from 'node:zlib'

const HEADER = 10
const NAME_FLAG = 8
const UNKNOWN_SYSTEM = 255

/** Compresses to one gzip member. As in the archive's files, its header gives no date and no operating system. */
export function gzip(bytes: Uint8Array, { name = '', level = 6 } = {}): Buffer {
  const header = Buffer.alloc(HEADER)
  header.set([0x1f, 0x8b, 8, name ? NAME_FLAG : 0])
  header[HEADER - 1] = UNKNOWN_SYSTEM
  const nameField = Buffer.from(name && `${name}\0`, 'latin1')
  return Buffer.concat([header, nameField, gzipSync(bytes, { level }).subarray(HEADER)])
}
