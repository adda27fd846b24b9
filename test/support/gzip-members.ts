import { gzip } from '../../lib/synthetic/gzip.ts'

/** Compresses to `count` concatenated gzip members, which are a valid gzip file. */
export function gzipMembers(bytes: Uint8Array, count: number, options: { name?: string; level?: number } = {}): Buffer {
  const size = Math.ceil(bytes.length / count)
  const parts = Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  return Buffer.concat(parts.map(part => gzip(part, options)))
}
