import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHTML } from 'linkedom'
import { drawLegend, drawPanels } from '../../lib/look/chart.ts'
import { BAND_COLORS } from '../../lib/look/colors.ts'
import { type Point, pointsOf } from '../../lib/look/points.ts'
import { curveRow, objectData } from '../support/object-data.ts'

const OPTIONS = { document: parseHTML('<html></html>').document, width: 960 }
const NEAR = { magnr: 18, distnr: 0.2, magpsf_corr: 17.6, sigmapsf_corr_ext: 0.05 }
const FORCED = {
  ...{ kind: 'forced', magpsf: null, sigmapsf: null, isdiffpos: null },
  ...{ forcediffimflux: 90, forcediffimfluxunc: 5, magzpsci: 26 },
}

test('the legend lists only the bands and symbols in use, and has no values', () => {
  const labels = (points: readonly Point[]) =>
    [...legend(points).matchAll(/>([^<]+)<\/text>/g)].map(([, label]) => label)
  assert.deepEqual(labels(points([FORCED])), ['g', 'forced photometry'])
  assert.deepEqual(labels(points([{ ...NEAR, band: 'r' }])), ['r', 'in the reference image'])
  assert.doesNotMatch(legend(objectData().points), /<title|1970/)
})

test('the legend fits a phone', () => {
  const all = points([NEAR, { ...NEAR, band: 'r', sigmapsf_corr_ext: 0.5 }, { ...NEAR, sigmapsf_corr_ext: 2 }, FORCED])
  const { height } = drawLegend(all, { ...OPTIONS, width: 340 })
  assert.ok(height > drawLegend(all, OPTIONS).height)
  const positions = [...legend(all, 340).matchAll(/translate\(([\d.]+),/g)].map(([, x]) => Number(x))
  assert.ok(positions.length > 4 && positions.every(x => x < 300), String(positions))
})

test('each band has its colour', () => {
  for (const band of ['g', 'r', 'i'] as const) {
    const [markup] = panels(points([{ band }]))
    for (const [name, { light }] of Object.entries(BAND_COLORS)) assert.equal(markup?.includes(light), name === band)
  }
})

test('dates within a day have a 24-hour clock and the day', () => {
  const range = (days: number) =>
    drawPanels(points([{}, { jd: 2458300.9 }]), { ...OPTIONS, range: [2458300.5, 2458300.5 + days] })
  const hours = range(0.5)[0]?.svg.outerHTML ?? ''
  assert.match(hours, />\s*06:00.*Jul 1/s)
  // Twelve hours is the coarsest spacing with a clock.
  for (const days of [0.02, 0.5, 1, 3, 5, 5.5, 6, 8, 30, 400])
    assert.doesNotMatch(range(days)[0]?.svg.outerHTML ?? '', /\b[AP]M\b/, `${days} days`)
})

test('the dates have their year, however short the light curve is', () => {
  const at = (time: string) => ({ jd: Date.parse(time) / 86_400_000 + 2_440_587.5 })
  assert.match(String(panels(points([at('2018-09-04'), at('2018-10-01')]))), />UTC, 2018<\/text>/)
  assert.match(String(panels(points([at('2018-12-04'), at('2019-01-20')]))), />UTC, 2018 to 2019<\/text>/)
})

test('brighter magnitudes are higher, in both kinds of panel', () => {
  for (const rows of [
    [{ magpsf: 17 }, { magpsf: 19 }],
    [
      { ...NEAR, magpsf_corr: 17 },
      { ...NEAR, magpsf_corr: 19 },
    ],
  ]) {
    const [panel] = drawPanels(points(rows), OPTIONS)
    const [bright, faint] = panel?.positions ?? []
    assert.ok(Number(bright?.y) < Number(faint?.y))
  }
})

test('a flux below that of the reference image is below the zero line', () => {
  const panel = drawPanels(
    points([
      { ...NEAR, isdiffpos: 't' },
      { ...NEAR, isdiffpos: 'f' },
    ]),
    OPTIONS,
  )[1]
  const zero = Number(panel?.svg.scale('y')?.apply(0))
  const [brighter, fainter] = panel?.positions ?? []
  assert.ok(Number(brighter?.y) < zero && Number(fainter?.y) > zero)
})

test('every panel has a description for screen readers', () => {
  for (const markup of panels(points([NEAR]))) assert.match(markup, /<svg [^>]*role="img"/)
  assert.match(String(panels(points([NEAR]))[0]), /aria-label="Light curve: apparent magnitude against time, 1 point\./)
})

test('a range of time shows only its points', () => {
  const all = points([{ jd: 2458300 }, { jd: 2458400 }])
  const [panel] = drawPanels(all, { ...OPTIONS, range: [2458350, 2458450] })
  assert.deepEqual(
    panel?.positions.map(({ point }) => point.jd),
    [2458400],
  )
  assert.deepEqual(drawPanels(all, { ...OPTIONS, range: [2458310, 2458320] })[0]?.positions, [])
})

test('a limit far above the measured fluxes is at the upper edge, and leaves them their scale', () => {
  const limit = { kind: 'limit', magpsf: null, sigmapsf: null, isdiffpos: null, diffmaglim: 15 }
  const panel = drawPanels(points([{ ...NEAR, isdiffpos: 'f' }, { ...NEAR, magpsf: 19.5 }, limit]), OPTIONS)[1]
  const [fainter, brighter, edge] = panel?.positions.map(({ y }) => y) ?? []
  assert.ok(Number(fainter) - Number(brighter) > 80, `${fainter} ${brighter}`)
  assert.ok(Number(edge) < Number(brighter) && Number(edge) >= 0, `${edge}`)
})

test('points that are too faint for a magnitude are at the lower edge', () => {
  const rows = [NEAR, { ...NEAR, magpsf_corr: 19 }, { ...NEAR, magpsf_corr: null, sigmapsf_corr_ext: null }]
  const positions = drawPanels(points(rows), OPTIONS)[0]?.positions ?? []
  assert.equal(positions.length, 3)
  assert.ok(positions.every(({ y }) => y <= Number(positions[2]?.y)))
})

function points(rows: Parameters<typeof curveRow>[0][]): Point[] {
  return pointsOf(rows.map((row, i) => curveRow({ jd: 2458300 + i, ...row })))
}

function panels(points: readonly Point[]): string[] {
  return drawPanels(points, OPTIONS).map(({ svg }) => svg.outerHTML)
}

function legend(points: readonly Point[], width = 960): string {
  return drawLegend(points, { ...OPTIONS, width }).svg.outerHTML
}
