import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeMarkup, space, stack, wrap } from '../../lib/look/svg.ts'

test('markup is escaped, and control characters are spelled out', () => {
  assert.equal(escapeMarkup(`<a href="x">'&\u0001`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;\\u{1}')
})

test('stacked drawings start where the one above ends', () => {
  const { markup, height } = stack({ markup: '<a/>', height: 10 }, space(5), { markup: '<b/>', height: 20 })
  assert.equal(height, 35)
  assert.match(markup, /translate\(0 0\)"><a\/>.*translate\(0 15\)"><b\/>/s)
})

test('text is broken into lines at blanks, and nothing is lost', () => {
  const text = 'The detections are from 12 readout channels (field, rcid), each with its own reference image.'
  const lines = wrap(text, 30)
  assert.ok(
    lines.every(line => line.length <= 30),
    lines.join('|'),
  )
  assert.equal(lines.join(' '), text)
  assert.deepEqual(wrap('ab 1234567890', 5), ['ab', '1234567890'])
})
