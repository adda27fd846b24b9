import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { decode } from 'fast-png'
import { BLANK_RGB, drawPixels, readStamp, type StampImage } from '../../lib/look/stamps.ts'
import { dataFolder } from '../support/data-folder.ts'
import { makeFits } from '../support/fits.ts'
import { ask } from '../support/lake-reader.ts'
import { realLake } from '../support/real-lake.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

for (const [stamp, bytes, reason] of [
  ['bytes that are not gzipped', Buffer.from('<html>'), /^cannot be drawn: it is not gzipped: /],
  ['a file other than FITS', gzipSync('<html>'.repeat(1000)), /^cannot be drawn: it has no FITS header$/],
  ['a header without an end', gzipSync('SIMPLE  ='.padEnd(80).repeat(40)), /^cannot be drawn: it has no FITS header$/],
  [
    'a truncated image',
    makeFits({ BITPIX: -32 }, Buffer.alloc(20), false),
    /^cannot be drawn: it ends before the last of its 3 x 2 pixels$/,
  ],
  [
    'an image without columns',
    makeFits({ BITPIX: -32, NAXIS1: 0 }, Buffer.alloc(24)),
    /^cannot be drawn: its header states 0 x 2 pixels of -32 bits$/,
  ],
  ['an invalid BITPIX', makeFits({ BITPIX: 24 }, Buffer.alloc(24)), /^cannot be drawn: .* pixels of 24 bits$/],
  ['a missing stamp', null, /^not in the alert$/],
] as const)
  test(`${stamp} gives the reason instead of an image`, () => {
    assert.match(readStamp('Science', bytes).image as string, reason)
  })

test('an image has its first row on top, greys in the order of the values, and a colour for blank pixels', () => {
  const pixels = Float64Array.from({ length: 12 }, (_, i) => (i === 1 ? Number.NaN : i * 10))
  const image = drawPixels({ width: 4, height: 3, pixels }, true)
  const { width, height, data, channels } = decode(image.png)
  assert.deepEqual([width, height, channels, image.blankPixels], [4, 3, 3, 1])
  assert.deepEqual([...data.slice(3, 6)], [...BLANK_RGB])
  const greys = Array.from({ length: 12 }, (_, i) => data[i * 3] as number).filter((_, i) => i !== 1)
  assert.deepEqual(
    greys,
    greys.toSorted((a, b) => a - b),
  )
  assert.ok((greys[0] as number) < (greys.at(-1) as number))
})

test('0 is the middle grey of a difference image, even if all other values are positive', () => {
  const pixels = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : i * 4))
  assert.equal(greyAt(drawPixels({ width: 10, height: 10, pixels }, true), 0), 128)
})

test('images with a single value, or none, are drawn', () => {
  for (const [value, grey] of [
    [7, 128],
    [Number.NaN, BLANK_RGB[0]],
    [Number.POSITIVE_INFINITY, undefined],
  ] as const)
    for (const isDifference of [false, true]) {
      const image = drawPixels({ width: 5, height: 4, pixels: new Float64Array(20).fill(value) }, isDifference)
      if (!isDifference && grey !== undefined) assert.equal(greyAt(image, 0), grey)
      assert.equal(decode(image.png).data.length, 60)
    }
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

function greyAt({ png }: StampImage, pixel: number): number | undefined {
  return decode(png).data[pixel * 3]
}
