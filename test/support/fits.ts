import { gzipSync } from 'node:zlib'

const BLOCK = 2880

/** A gzipped FITS image of these values. */
export function fitsOf(width: number, pixels: readonly number[]): Buffer {
  const data = Buffer.alloc(pixels.length * 8)
  for (const [i, value] of pixels.entries()) data.writeDoubleBE(value, i * 8)
  return makeFits({ BITPIX: -64, NAXIS1: width, NAXIS2: pixels.length / width }, data)
}

/** A gzipped FITS image of 3 x 2 pixels; `cards` adds or replaces header values. */
export function makeFits(cards: Record<string, string | number>, data: Buffer, isPadded = true): Buffer {
  const values = { SIMPLE: 'T', NAXIS: 2, NAXIS1: 3, NAXIS2: 2, ...cards }
  const lines = Object.entries(values).map(([key, value]) =>
    `${key.padEnd(8)}= ${String(value).padStart(20)}`.padEnd(80),
  )
  const header = Buffer.from([...lines, 'END'.padEnd(80)].join(''))
  return gzipSync(Buffer.concat(isPadded ? [pad(header, ' '), pad(data, '\0')] : [header, data]))
}

function pad(bytes: Buffer, fill: string): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK - bytes.length, fill)])
}
