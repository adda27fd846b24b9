import assert from 'node:assert/strict'
import { test } from 'node:test'
import { links } from '../../lib/look/links.ts'
import { objectData } from '../support/object-data.ts'

test('brokers are linked by name, and archives by position', () => {
  const found = links(objectData())
  assert.equal(found.Lasair, 'https://lasair-ztf.lsst.ac.uk/objects/ZTF24abcdefg/')
  assert.deepEqual(Object.keys(found).slice(3), ['TNS', 'NED', 'SIMBAD', 'Pan-STARRS', 'Aladin Lite'])
  for (const url of Object.values(found)) assert.match(url, /ZTF24abcdefg|187\.706042.*12\.391123/)
  for (const url of Object.values(found)) assert.equal(new URL(url).href, url)
})

test('a southern declination keeps its sign, and without a position there are only brokers', () => {
  const south = links(objectData({ candidate: { ra: 10, dec: -5.5 } }))
  assert.ok(south.NED?.includes('&dec=-5.5d&') && south.TNS?.includes('&decl=-5.5&'))
  assert.ok(links(objectData({ candidate: { ra: 10, dec: 5.5 } })).NED?.includes('&dec=%2B5.5d&'))
  assert.deepEqual(Object.keys(links(objectData({ candidate: {} }))), ['ALeRCE', 'Fink', 'Lasair'])
})
