import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookPage } from '../../lib/look/page.ts'
import { curveRow, objectData } from '../support/object-data.ts'

test('the page runs only its own script, loads nothing, and escapes text from the archive', async () => {
  const hostile = '<script>alert("x")</script><img src=x onerror=alert(1)>'
  const rows = [curveRow({ procstatus: hostile, band: 'g', candid: 1n }), curveRow({ kind: hostile })]
  const data = objectData({ rows, candidate: { ...objectData().candidate, ssnamenr: hostile }, selected: hostile })
  const page = await lookPage(data)
  assert.ok(page.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'))
  const [own = ''] = /<script>.*<\/script>/s.exec(page) ?? []
  const rest = page.replace(own, '')
  assert.doesNotMatch(rest, /<script(?! type="application\/json" id="points">)|<img|url\((?!#)|@import/)
  assert.doesNotMatch(rest, /(src|href)="(?!data:|https:\/\/)|<image[^>]*href="(?!data:)/)
  assert.match(
    page,
    /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"/,
  )
})

test('the page has the position, links to brokers, and three labelled stamps', async () => {
  const page = await lookPage(objectData())
  assert.match(page, /12:30:49\.45 \+12:23:28\.0/)
  for (const name of ['ALeRCE', 'Fink', 'Lasair', 'TNS', 'NED', 'SIMBAD', 'Pan-STARRS', 'Aladin Lite'])
    assert.match(page, new RegExp(`<a href="https://[^"]+" [^>]+>${name}</a>`))
  assert.equal(page.match(/<svg [^>]*role="img" aria-label="(Science|Template|Difference) stamp"/g)?.length, 3)
  const unlabelled = page.match(/<svg (?![^>]*aria-label)[^>]*>/g)
  assert.equal(unlabelled, null)
})

test('an alert without any value has a page', async () => {
  const page = await lookPage(objectData({ objectId: 'ZTF18\u0001<&aaaa', candidate: {}, rows: [], shown: [] }))
  assert.match(page, /<title>ZTF18\\u\{1\}&lt;&amp;aaaa<\/title>/)
  assert.doesNotMatch(page.replace(/<script>.*<\/script>/s, ''), /undefined|NaN|null/)
})
