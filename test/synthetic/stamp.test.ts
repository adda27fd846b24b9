import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Random } from '../../lib/synthetic/random.ts'
import { makeStamp } from '../../lib/synthetic/stamp.ts'

test('makes gzipped FITS images of about the real size', () => {
  const random = new Random(5)
  const stamps = Array.from({ length: 30 }, () => makeStamp('real', random))
  const images = stamps.map(stamp => gunzipSync(stamp))
  for (const image of images) {
    assert.equal(image.length % 2880, 0)
    assert.match(image.toString('latin1', 0, 80), /^SIMPLE {2}= {20}T {50}$/)
  }
  const mean = stamps.reduce((sum, stamp) => sum + stamp.length, 0) / stamps.length
  assert.ok(mean > 10_000 && mean < 15_000, String(mean))
  assert.ok(images.some(image => Number.isNaN(image.readFloatBE(2880))))
  assert.ok(makeStamp('small', random).length < 400)
})
