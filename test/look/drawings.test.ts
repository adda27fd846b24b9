import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeStamp, drawLightCurve, drawStamp } from '../../lib/look/drawings.ts'
import { readStamp, STAMPS } from '../../lib/look/stamps.ts'
import { fitsOf } from '../support/fits.ts'
import { shownAlert } from '../support/object-data.ts'

test('each stamp has its name, size and range, a scale bar and the directions', () => {
  const { stamps } = shownAlert()
  for (const [i, name] of STAMPS.entries()) {
    const stamp = stamps[i] ?? assert.fail()
    assert.match(describeStamp(stamp, 't'), new RegExp(`^${name}( \\(.*\\))?, 63 × 63 px, [-.\\d]+ to [-.\\d]+ DN$`))
    for (const label of ['10″', 'N', 'E']) assert.ok(drawStamp(stamp, 200).markup.includes(`>${label}</text>`), label)
  }
})

test('the difference of a source that became fainter is the inverted one', () => {
  const difference = shownAlert().stamps[2] ?? assert.fail()
  const described = ['t', '1', 'f', '0'].map(isdiffpos => /\((.*)\)/.exec(describeStamp(difference, isdiffpos))?.[1])
  const [positive, negative] = ['science minus template', 'template minus science']
  assert.deepEqual(described, [positive, positive, negative, negative])
})

test('pixels without a value are counted', () => {
  const stamp = readStamp('Template', fitsOf(2, [1, Number.NaN, 3, Number.NaN]))
  assert.match(describeStamp(stamp, 't'), /, 2 px without a value \(blue\)$/)
})

test('a stamp that is not square keeps its proportions', () => {
  const { markup } = drawStamp(readStamp('Science', fitsOf(4, Array(8).fill(0))), 200)
  assert.match(markup, /x="0" y="50"\s+width="200" height="100"/)
})

test('a stamp without an image has the reason, and a light curve without points says so', () => {
  const stamp = { name: 'Science', image: 'not in the alert' } as const
  assert.match(drawStamp(stamp, 200).markup, />not in the alert<\/text>/)
  assert.equal(describeStamp(stamp, null), 'Science: not in the alert')
  assert.match(drawLightCurve([]).markup, /There are no points to draw/)
})
