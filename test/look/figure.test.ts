import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawFigure } from '../../lib/look/figure.ts'
import { imageSheet } from '../../lib/look/image.ts'
import { lookPage } from '../../lib/look/page.ts'
import { readStamp, STAMPS } from '../../lib/look/stamps.ts'
import { fitsOf } from '../support/fits.ts'
import { objectData } from '../support/object-data.ts'

test('the page and the image have the same figure', () => {
  const { markup } = drawFigure(objectData())
  for (const draw of [lookPage, imageSheet]) assert.ok(draw(objectData()).includes(markup))
})

test('several readout channels are explained, a single one is not', () => {
  const note = /The detections are from 2 readout channels \(field, rcid\), each with its own reference image/
  assert.doesNotMatch(drawFigure(objectData()).markup, note)
  assert.match(drawFigure(objectData({ channels: 2 })).markup, note)
})

test('each stamp has its name, size and range', () => {
  const { markup } = drawFigure(objectData())
  for (const name of STAMPS) assert.match(markup, new RegExp(`>${name}, 63 × 63 px, [-.\\d]+ to [-.\\d]+ DN</text>`))
})

test('the difference of a source that became fainter is the inverted one', () => {
  const difference = (isdiffpos: string) =>
    /Difference: (\w+ minus \w+)/.exec(drawFigure(objectData({ candidate: { isdiffpos } })).markup)?.[1]
  assert.deepEqual(['t', '1', 'f', '0'].map(difference), [
    'science minus template',
    'science minus template',
    'template minus science',
    'template minus science',
  ])
})

test('pixels without a value are counted', () => {
  const stamps = [readStamp('Template', fitsOf(2, [1, Number.NaN, 3, Number.NaN]))]
  assert.match(drawFigure(objectData({ stamps })).markup, /Blue: 2 pixels without a value/)
  assert.doesNotMatch(drawFigure(objectData()).markup, /without a value/)
})

test('a stamp that is not square keeps its proportions', () => {
  const { markup } = drawFigure(objectData({ stamps: [readStamp('Science', fitsOf(4, Array(8).fill(0)))] }))
  assert.match(markup, /x="0" y="77"\s+width="308" height="154"/)
})

test('an alert without points, stamps or values has a figure too', () => {
  const stamps = STAMPS.map(name => ({ name, image: 'not in the alert' }))
  const { markup } = drawFigure(objectData({ points: [], stamps, candidate: {} }))
  assert.match(markup, /There are no points to draw/)
  assert.equal(markup.match(/: not in the alert/g)?.length, 3)
  assert.doesNotMatch(markup, /undefined|NaN|null/)
})
