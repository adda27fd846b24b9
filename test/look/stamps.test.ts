import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { decode } from 'fast-png'
import { readFits } from '../../lib/look/fits.ts'
import { draw, MISSING, makeStamp, type Picture } from '../../lib/look/stamps.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { drawStamp, makeStamp as syntheticStamp } from '../../lib/synthetic/stamp.ts'
import { dataFolder } from '../support/data-folder.ts'
import { ask } from '../support/lake-reader.ts'
import { realLake } from '../support/real-lake.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

const BLOCK = 2880

test('a stamp that is not square, with columns that hold no value, is read pixel by pixel', () => {
  const { width, height, pixels } = readFits(
    drawStamp([{ x: 0, y: 0, sigma: 1, peak: 5000 }], 100, new Random(1), [42, 63, 3]),
  )
  assert.deepEqual([width, height, pixels.length], [42, 63, 42 * 63])
  for (const [i, value] of pixels.entries()) assert.equal(Number.isNaN(value), i % 42 < 3)
  const brightest = pixels.indexOf(Math.max(...pixels.filter(Number.isFinite)))
  assert.deepEqual([Math.abs((brightest % 42) - 20.5), Math.floor(brightest / 42)], [0.5, 31])
})

test('every BITPIX is read, with BSCALE and BZERO, and blocks that are not filled up', () => {
  const writers: Record<number, (bytes: Buffer, value: number, at: number) => void> = {
    8: (bytes, value, at) => bytes.writeUInt8(value, at),
    16: (bytes, value, at) => bytes.writeInt16BE(value, at * 2),
    32: (bytes, value, at) => bytes.writeInt32BE(value, at * 4),
    [-32]: (bytes, value, at) => bytes.writeFloatBE(value, at * 4),
    [-64]: (bytes, value, at) => bytes.writeDoubleBE(value, at * 8),
  }
  for (const [bits, write] of Object.entries(writers))
    for (const padded of [true, false]) {
      const data = Buffer.alloc((6 * Math.abs(Number(bits))) / 8)
      for (let i = 0; i < 6; i++) write(data, i + 1, i)
      const image = readFits(fits({ BITPIX: bits, BSCALE: '2.0 / a factor', BZERO: 10 }, data, padded))
      assert.deepEqual(
        [image.width, image.height, [...image.pixels]],
        [3, 2, [12, 14, 16, 18, 20, 22]],
        `${bits} ${padded}`,
      )
    }
})

test('what fills a template where its reference image ends is no value, and the rest is drawn as without it', () => {
  const data = Buffer.alloc(24)
  for (const [i, value] of [150, -3.4e38, 151, 152, -3.4028235e38, 3.4e38].entries()) data.writeFloatBE(value, i * 4)
  const image = readFits(fits({ BITPIX: -32 }, data))
  assert.deepEqual([...image.pixels], [150, Number.NaN, 151, 152, Number.NaN, Number.NaN])
  const { missing, range } = draw(image, false)
  assert.equal(missing, 3)
  assert.ok(range[0] > 140 && range[1] < 170, `${range}`)
})

test('stamps that small writers make, without any padding, are read', () => {
  const { width, height } = readFits(syntheticStamp('small', new Random(3)))
  assert.deepEqual([width, height], [5, 5])
})

for (const [what, bytes, says] of [
  ['bytes that are no gzip', Buffer.from('<html>'), /^not to be drawn: it does not inflate: /],
  ['no FITS', gzipSync('<html>'.repeat(1000)), /^not to be drawn: it has no header as FITS has$/],
  ['a header without an end', gzipSync('SIMPLE  ='.padEnd(80).repeat(40)), /no header/],
  [
    'an image that is cut',
    fits({ BITPIX: -32 }, Buffer.alloc(20), false),
    /^not to be drawn: it ends before the last of its 3 x 2 pixels$/,
  ],
  [
    'a size of nothing',
    fits({ BITPIX: -32, NAXIS1: 0 }, Buffer.alloc(24)),
    /^not to be drawn: its header states 0 x 2 pixels of -32 bits$/,
  ],
  ['a BITPIX that does not exist', fits({ BITPIX: 24 }, Buffer.alloc(24)), /pixels of 24 bits$/],
  ['a stamp that is missing', null, /^the alert has none$/],
] as const)
  test(`${what} costs that picture alone, and says why`, () => {
    assert.match(makeStamp('Science', bytes).shown as string, says)
  })

test('the picture has the pixels of the image, the first row on top; what has no value has a colour of its own', () => {
  const pixels = Float64Array.from({ length: 12 }, (_, i) => (i === 1 ? Number.NaN : i * 10))
  const picture = draw({ width: 4, height: 3, pixels }, true)
  const { width, height, data, channels } = decode(picture.png)
  assert.deepEqual([width, height, channels, picture.missing], [4, 3, 3, 1])
  assert.deepEqual([...data.slice(3, 6)], [...MISSING])
  const greys = Array.from({ length: 12 }, (_, i) => data[i * 3] as number).filter((_, i) => i !== 1)
  assert.deepEqual(
    greys,
    greys.toSorted((a, b) => a - b),
  )
  assert.ok((greys[0] as number) < (greys.at(-1) as number))
})

test('0 is the middle grey of a difference, however lopsided it is', () => {
  const pixels = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : i * 4))
  assert.equal(greyAt(draw({ width: 10, height: 10, pixels }, true), 0), 128)
})

test('images without a range, or without any value, are drawn', () => {
  for (const [value, grey] of [
    [7, 128],
    [Number.NaN, MISSING[0]],
    [Number.POSITIVE_INFINITY, undefined],
  ] as const)
    for (const isDifference of [false, true]) {
      const picture = draw({ width: 5, height: 4, pixels: new Float64Array(20).fill(value) }, isDifference)
      if (!isDifference && grey !== undefined) assert.equal(greyAt(picture, 0), grey)
      assert.equal(decode(picture.png).data.length, 60)
    }
})

test('every stamp of the real alerts is drawn', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  const rows = await ask(paths, 'select cutoutScience s, cutoutTemplate t, cutoutDifference d from read_parquet(LAKE)')
  const shapes = new Map<string, number>()
  let missing = 0
  for (const { stampData } of rows.flatMap(({ s, t, d }) => [s, t, d] as { stampData: Buffer }[])) {
    const { shown } = makeStamp('Template', stampData)
    assert.ok(typeof shown !== 'string', String(shown))
    const shape = shown.width === 63 && shown.height === 63 ? 'whole' : 'cut by an edge'
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1)
    if (shown.missing > 0) missing++
  }
  assert.deepEqual([shapes.get('whole'), shapes.get('cut by an edge'), missing], [4872, 60, 654])
})

function greyAt({ png }: Picture, pixel: number): number | undefined {
  return decode(png).data[pixel * 3]
}

function fits(values: Record<string, string | number>, data: Buffer, padded = true): Buffer {
  const all = { SIMPLE: 'T', NAXIS: 2, NAXIS1: 3, NAXIS2: 2, ...values }
  const cards = Object.entries(all).map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`.padEnd(80))
  const header = Buffer.from([...cards, 'END'.padEnd(80)].join(''))
  return gzipSync(Buffer.concat(padded ? [filled(header, ' '), filled(data, '\0')] : [header, data]))
}

function filled(bytes: Buffer, fill: string): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK - bytes.length, fill)])
}
