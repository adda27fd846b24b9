import { gzipSync } from 'node:zlib'

const BLOCK = 2880

/** A gzipped FITS image of these pixels; `cards` adds or replaces header values. */
export function fitsOf(width: number, pixels: readonly number[], cards: Record<string, string | number> = {}): Buffer {
  const height = pixels.length / width
  const values = { SIMPLE: 'T', BITPIX: -32, NAXIS: 2, NAXIS1: width, NAXIS2: height, ...cards }
  const lines = Object.entries(values).map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`)
  const header = [...lines, 'END'].map(line => line.padEnd(80)).join('')
  const data = Buffer.alloc(pixels.length * 4)
  for (const [i, value] of pixels.entries()) data.writeFloatBE(value, i * 4)
  return gzipSync(Buffer.concat([Buffer.from(header.padEnd(BLOCK)), data]))
}
