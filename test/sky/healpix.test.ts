import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEALPIX_ORDER, pixelOf, pixelsInCone } from '../../lib/sky/healpix.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { pointInCone, randomCone } from '../support/cones.ts'

const PIXELS = 12 * 4 ** HEALPIX_ORDER
/** Declination of the border between the polar caps and the equatorial belt, in degrees. */
const CAP = (Math.asin(2 / 3) * 180) / Math.PI

test('positions have the same pixels as in cdshealpix', () => {
  assert.equal(pixelOf(187.706042, 12.391123), 454917253)
  assert.equal(pixelOf(83.633, -22.0145), 345138545)
  assert.equal(pixelOf(10, 89.99), 67108862)
  assert.equal(pixelOf(300, -89), 738209636)
})

test('a value that is not a position has no pixel', () => {
  for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(pixelOf(value, 10), null)
    assert.equal(pixelOf(10, value), null)
  }
  assert.equal(pixelOf(10, 90.0001), null)
  assert.equal(pixelOf(10, -999), null)
})

test('right ascension is taken modulo 360 degrees', () => {
  for (const dec of [-89, -45, 0, 30, 60])
    for (const ra of [0, 45, 100.5, 359.5]) {
      assert.equal(pixelOf(ra - 360, dec), pixelOf(ra, dec))
      assert.equal(pixelOf(ra + 720, dec), pixelOf(ra, dec))
    }
})

test('a position at the border of base pixels has a pixel next to it', () => {
  const borders = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(octant => 45 * octant)
  const ras = borders.flatMap(ra => [ra, ra - 1e-14, ra + 1e-14, ra - 1e-13, ra - 1e-20])
  const decs = [-90, -89.9999, -75.3, -CAP, -10, 0, 10, CAP, CAP + 1e-14, 60, 75.3, 89.9999, 90]
  for (const ra of ras)
    for (const dec of decs) {
      const pixel = pixelOf(ra, dec)
      assert.ok(pixelsInCone(ra, dec, 0.001).includes(pixel as number), `pixel ${pixel} of ${ra} ${dec}`)
    }
})

test('a cone has all pixels of its points', () => {
  const random = new Random(13)
  for (let i = 0; i < 3000; i++) {
    const cone = randomCone(random)
    const pixels = new Set(pixelsInCone(cone.ra, cone.dec, cone.radius))
    for (let j = 0; j < 30; j++) {
      const { ra, dec } = pointInCone(random, cone)
      assert.ok(pixels.has(pixelOf(ra, dec) as number), `${ra} ${dec} in ${JSON.stringify(cone)}`)
    }
  }
})

test('finds the pixels of a cone whose edge crosses a ring of pixels at the border of two base pixels', () => {
  // For this cone, query_disc_inclusive_nest of @hscmap/healpix never ends.
  const pixels = pixelsInCone(90.50506519652244, 74.25111710892807, 466.58794167606345)
  assert.ok(pixels.includes(pixelOf(90.50506519652244, 74.25111710892807) as number))
})

test('a cone that is not a number has no pixels', () => {
  assert.deepEqual(pixelsInCone(Number.NaN, 0, 5), [])
  assert.deepEqual(pixelsInCone(0, 0, Number.NaN), [])
})

test('the pixels of a cone are ascending, distinct and few more than its area needs', () => {
  const random = new Random(14)
  for (let i = 0; i < 300; i++) {
    const { ra, dec, radius } = randomCone(random)
    const pixels = pixelsInCone(ra, dec, radius)
    assert.ok(pixels.every((pixel, i) => pixel > (pixels[i - 1] ?? -1) && pixel < PIXELS))
    // A pixel has 663 square arcsec; those at the edge have their centres within 27 arcsec of the cone.
    assert.ok(pixels.length <= 1.1 * ((Math.PI * (radius + 27) ** 2) / 663) + 8, `${pixels.length} of ${radius} arcsec`)
  }
})
