import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeMarkup, space, stack } from '../../lib/look/svg.ts'

test('markup is escaped, and control characters are spelled out', () => {
  assert.equal(escapeMarkup(`<a href="x">'&\u0001`), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;\\u{1}')
})

test('stacked drawings start where the one above ends', () => {
  const { markup, height } = stack({ markup: '<a/>', height: 10 }, space(5), { markup: '<b/>', height: 20 })
  assert.equal(height, 35)
  assert.match(markup, /translate\(0 0\)"><a\/>.*translate\(0 15\)"><b\/>/s)
})
