import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookPage } from '../../lib/look/page.ts'
import { NO_CHROMIUM, startChromium } from '../support/browser.ts'
import { objectData } from '../support/object-data.ts'

test('the page runs no script, loads nothing, and escapes text from the archive', () => {
  const hostile = '<script>alert("x")</script><img src=x onerror=alert(1)>'
  const page = lookPage(objectData({ candidate: { ...objectData().candidate, ssnamenr: hostile } }))
  assert.ok(page.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'))
  assert.doesNotMatch(
    page,
    /<script|<img|<link|url\(|@import|(src|href)="(?!data:|https:\/\/)|<image[^>]*href="(?!data:)/,
  )
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/)
})

test('the page has the position, links to brokers, and three stamps', () => {
  const page = lookPage(objectData())
  assert.match(page, /12:30:49\.45 \+12:23:28\.0/)
  for (const name of ['ALeRCE', 'Fink', 'SIMBAD'])
    assert.match(page, new RegExp(`<a href="https://[^"]+" [^>]+>${name}</a>`))
  assert.equal(
    page.match(/<image role="img" aria-label="(Science|Template|Difference) stamp" href="data:image\/png/g)?.length,
    3,
  )
})

test('an alert without any value has a page', () => {
  const page = lookPage(objectData({ objectId: 'ZTF18\u0001<&aaaa', candidate: {}, points: [], stamps: [] }))
  assert.match(page, /<title>ZTF18\\u\{1\}&lt;&amp;aaaa<\/title>/)
  assert.doesNotMatch(page, /undefined|NaN|null/)
})

test('the page is no wider than a phone', { skip: NO_CHROMIUM }, async t => {
  const browser = await startChromium()
  t.after(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  await page.setContent(lookPage(objectData({ channels: 2 })))
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
})
