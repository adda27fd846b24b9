import assert from 'node:assert/strict'
import { test } from 'node:test'
import { galactic } from '../../lib/sky/galactic.ts'

test('galactic coordinates are the published ones', () => {
  for (const [name, ra, dec, l, b] of [
    // NED, and for Sagittarius A* Reid and Brunthaler (2004), ApJ 616, 872.
    ['M31', 10.684793, 41.269065, 121.1744, -21.5732],
    ['M33', 23.462042, 30.660222, 133.6101, -31.3306],
    ['Crab Nebula', 83.633212, 22.01446, 184.5574, -5.7844],
    ['Sagittarius A*', 266.416833, -29.007806, 359.9443, -0.0462],
  ] as const) {
    const found = galactic(ra, dec)
    assert.ok(Math.abs(found.l - l) < 2e-3 && Math.abs(found.b - b) < 2e-3, `${name}: ${found.l}, ${found.b}`)
  }
})

test('the poles have their latitudes, and the north celestial pole its longitude', () => {
  assert.ok(Math.abs(galactic(192.85948, 27.12825).b - 90) < 1e-6)
  assert.ok(Math.abs(galactic(12.85948, -27.12825).b + 90) < 1e-6)
  const { l, b } = galactic(0, 90)
  assert.ok(Math.abs(l - 122.93192) < 1e-9 && Math.abs(b - 27.12825) < 1e-9)
})

test('every position has a longitude from 0 to less than 360, and a latitude within 90', () => {
  for (let ra = 0; ra < 360; ra += 7)
    for (let dec = -90; dec <= 90; dec += 9) {
      const { l, b } = galactic(ra, dec)
      assert.ok(l >= 0 && l < 360 && Math.abs(b) <= 90, `${ra}, ${dec}: ${l}, ${b}`)
    }
})
