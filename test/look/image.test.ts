import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from 'fast-png'
import { imageSheet, renderPng } from '../../lib/look/image.ts'
import { curveRow, objectData } from '../support/object-data.ts'

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
  const sheet = imageSheet(objectData({ objectId: 'ZTF18\u0001<&aaaa', candidate: {}, points: [], shown: [] }))
  assert.doesNotMatch(sheet, /undefined|NaN|null/)
  assert.ok(renderPng(sheet).length > 1000)
})

test('no text is cut at the right edge', () => {
  const long = Array.from({ length: 40 }, (_, i) =>
    curveRow({ jd: 2458300 + i, field: 400 + i, rcid: i, magnr: 18 + i / 9, ...NEAR }),
  )
  const sheet = imageSheet(objectData({ rows: long, alerts: 1200, selected: '20200101..20200331,20210101..20210331' }))
  const { width, height, data, channels } = decode(renderPng(sheet, 1))
  const isWhite = (x: number, y: number) =>
    data.slice((y * width + x) * channels, (y * width + x) * channels + 3).every(v => v === 255)
  for (let y = 0; y < height; y++) for (let x = width - 12; x < width; x++) assert.ok(isWhite(x, y), `${x}, ${y}`)
})

const NEAR = { distnr: 0.2, magpsf_corr: 17.6, sigmapsf_corr_ext: 0.05 }
