import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BAND_COLORS, drawLegend, drawLightCurve } from '../../lib/look/chart.ts'
import type { Point } from '../../lib/look/light-curve.ts'
import { objectData } from '../support/object-data.ts'

const POINT: Point = { jd: 2458300, band: 'g', kind: 'detection', mag: 19, error: 0.1, isFainter: false }
const BRIGHTER: Point = { ...POINT, kind: 'forced' }
const FAINTER: Point = { ...BRIGHTER, isFainter: true }

test('forced photometry fainter than the reference has its own symbol, explained in the legend', () => {
  const [brighter, fainter] = [BRIGHTER, FAINTER].map(point => drawLightCurve([point]).markup)
  const symbol = (markup?: string) => markup?.match(/<path d="([^"]+)" transform="[^"]+"><title>/)?.[1]
  assert.ok(symbol(brighter) && symbol(fainter))
  assert.notEqual(symbol(brighter), symbol(fainter))
  const legend = drawLegend([BRIGHTER, FAINTER]).markup
  for (const label of ['forced photometry', 'forced, fainter']) assert.ok(legend.includes(`>${label}</text>`), label)
})

test('the legend lists only the bands and symbols in use', () => {
  const legend = drawLegend([BRIGHTER]).markup
  assert.deepEqual(
    [...legend.matchAll(/>([^<]+)<\/text>/g)].map(([, label]) => label),
    ['g', 'forced photometry'],
  )
})

test('each band has its colour', () => {
  for (const band of ['g', 'r', 'i'] as const) {
    const { markup } = drawLightCurve([{ ...POINT, band }])
    for (const [name, { light }] of Object.entries(BAND_COLORS)) assert.equal(markup.includes(light), name === band)
  }
})

test('a tooltip has the magnitude, time and candid of a point', () => {
  const { markup } = drawLightCurve([{ ...POINT, candid: 516401800615015114n }])
  assert.match(
    markup,
    /<title>g 19\.00 ± 0\.10 mag\ndetection\n2018-06-30 12:00:00 UTC, MJD 58299\.50000\ncandid 516401800615015114<\/title>/,
  )
  assert.match(drawLightCurve([{ ...POINT, kind: 'limit', error: 0 }]).markup, /<title>g &gt; 19\.00 mag\nlimit\n/)
})

test('the dates have their year, however short the light curve is', () => {
  const at = (time: string): Point => ({ ...POINT, jd: Date.parse(time) / 86_400_000 + 2_440_587.5 })
  assert.match(drawLightCurve([at('2018-09-04'), at('2018-10-01')]).markup, />UTC, 2018<\/text>/)
  assert.match(drawLightCurve([at('2018-12-04'), at('2019-01-20')]).markup, />UTC, 2018 to 2019<\/text>/)
})

test('brighter magnitudes are higher', () => {
  const { markup } = drawLightCurve(objectData().points)
  const ticks = [...markup.matchAll(/translate\([\d.]+,([\d.]+)\)"[^>]*>(\d\d\.\d)<\/text>/g)]
  const labels = ticks.map(([, y, mag]) => [Number(mag), Number(y)] as const).filter(([mag]) => mag > 16 && mag < 22)
  assert.ok(labels.length > 3)
  const heights = labels.toSorted(([a], [b]) => a - b).map(([, y]) => y)
  assert.deepEqual(
    heights,
    heights.toSorted((a, b) => a - b),
  )
})
