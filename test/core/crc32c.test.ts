import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CRC_START, updateCrc } from '../../lib/core/crc32c.ts'

/** Source: RFC 3720, appendix B.4, and the check value in the catalogue of parametrised CRC algorithms. */
const KNOWN: [Buffer, number][] = [
  [Buffer.from('123456789'), 0xe3069283],
  [Buffer.alloc(32), 0x8a9136aa],
  [Buffer.alloc(32, 0xff), 0x62a8ab43],
  [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
]

test('computes known CRCs', () => {
  for (const [bytes, crc] of KNOWN) assert.equal(crcOf(bytes), crc)
})

test('gives the same CRC however the bytes are divided', () => {
  for (const [bytes, crc] of KNOWN)
    for (let middle = 0; middle <= bytes.length; middle++) {
      const state = updateCrc(CRC_START, viewOf(bytes), 0, middle)
      assert.equal(~updateCrc(state, viewOf(bytes), middle, bytes.length) >>> 0, crc)
    }
})

function crcOf(bytes: Buffer): number {
  return ~updateCrc(CRC_START, viewOf(bytes), 0, bytes.length) >>> 0
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
