import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from 'fast-png'
import { imageSheet, renderPng } from '../../lib/look/image.ts'
import { objectData } from '../support/object-data.ts'

test('the image is rendered at twice its size by default', () => {
  const { width, data } = decode(renderPng(imageSheet(objectData())))
  assert.equal(width, 2016)
  assert.ok(new Set(data).size > 100)
  assert.equal(decode(renderPng(imageSheet(objectData()), 1)).width, 1008)
})

test('the image has the main fields, with the time and the direction of the change', () => {
  const sheet = imageSheet(objectData({ candidate: { ...objectData().candidate, isdiffpos: 'f', drb: 0.998 } }))
  for (const text of ['MJD 58312.30840, 2018-07-13 07:24:05 UTC', 'mag, fainter than the reference', '0.998'])
    assert.ok(sheet.includes(`>${text}</text>`), text)
})

test('an alert without any value has an image', () => {
  const sheet = imageSheet(objectData({ objectId: 'ZTF18\u0001<&aaaa', candidate: {}, points: [], stamps: [] }))
  assert.doesNotMatch(sheet, /undefined|NaN|null/)
  assert.ok(renderPng(sheet).length > 1000)
})
