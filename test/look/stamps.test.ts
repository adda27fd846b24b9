import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { decode } from 'fast-png'
import { readStamp, type StampImage, type StampName } from '../../lib/look/stamps.ts'
import { dataFolder } from '../support/data-folder.ts'
import { fitsOf } from '../support/fits.ts'
import { ask } from '../support/lake-reader.ts'
import { realLake } from '../support/real-lake.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

for (const [stamp, bytes, reason] of [
  ['bytes that are not gzipped', Buffer.from('<html>'), /^cannot be drawn: it is not gzipped: /],
  ['a file other than FITS', gzipSync('<html>'.repeat(1000)), /^cannot be drawn: it has no FITS header$/],
  ['a header without an end', gzipSync('SIMPLE  ='.padEnd(80).repeat(40)), /^cannot be drawn: it has no FITS header$/],
  [
    'a truncated image',
    fitsOf(3, Array(5).fill(0), { NAXIS2: 2 }),
    /^cannot be drawn: it ends before the last of its 3 x 2 pixels$/,
  ],
  [
    'an image without columns',
    fitsOf(3, Array(6).fill(0), { NAXIS1: 0 }),
    /^cannot be drawn: its header states 0 x 2 pixels of -32 bits$/,
  ],
  ['an invalid BITPIX', fitsOf(3, Array(6).fill(0), { BITPIX: 24 }), /^cannot be drawn: .* pixels of 24 bits$/],
  ['a missing stamp', null, /^not in the alert$/],
] as const)
  test(`${stamp} gives the reason instead of an image`, () => {
    assert.match(readStamp('Science', bytes).image as string, reason)
  })

test('an image has its first row on top, greys in the order of the values, and blue for blank pixels', () => {
  const image = imageOf('Difference', 4, [0, Number.NaN, ...Array.from({ length: 10 }, (_, i) => i * 10)])
  const { width, height, data, channels } = decode(image.png)
  assert.deepEqual([width, height, channels, image.blankPixels], [4, 3, 3, 1])
  assert.deepEqual([...data.slice(3, 6)], [94, 129, 172])
  const greys = [...data.filter((_, i) => i % 3 === 0 && i !== 3)]
  assert.deepEqual(
    greys,
    greys.toSorted((a, b) => a - b),
  )
  assert.ok(Number(greys[0]) < Number(greys.at(-1)))
})

test('0 is the middle grey of a difference image, even if all other values are positive', () => {
  const pixels = Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : i * 4))
  assert.equal(greyOf(imageOf('Difference', 10, pixels)), 128)
})

test('images with a single value, or none, are drawn', () => {
  const uniform = (name: StampName, value: number) => imageOf(name, 5, Array(20).fill(value))
  assert.equal(greyOf(uniform('Science', 7)), 128)
  for (const name of ['Science', 'Difference'] as const)
    for (const value of [7, Number.NaN, Number.POSITIVE_INFINITY])
      assert.equal(decode(uniform(name, value).png).data.length, 60)
})

test('all stamps of the real alerts are drawn', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  const rows = await ask(paths, 'select cutoutScience s, cutoutTemplate t, cutoutDifference d from read_parquet(LAKE)')
  const shapes = new Map<string, number>()
  let withBlanks = 0
  for (const { stampData } of rows.flatMap(({ s, t, d }) => [s, t, d] as { stampData: Buffer }[])) {
    const { image } = readStamp('Template', stampData)
    assert.ok(typeof image !== 'string', String(image))
    const shape = image.width === 63 && image.height === 63 ? 'whole' : 'cut by an edge'
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1)
    if (image.blankPixels > 0) withBlanks++
  }
  assert.deepEqual([shapes.get('whole'), shapes.get('cut by an edge'), withBlanks], [4872, 60, 654])
})

function imageOf(name: StampName, width: number, pixels: readonly number[]): StampImage {
  return readStamp(name, fitsOf(width, pixels)).image as StampImage
}

/** Grey of the first pixel. */
function greyOf({ png }: StampImage): number | undefined {
  return decode(png).data[0]
}
