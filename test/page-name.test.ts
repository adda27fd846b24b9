import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageName } from '../lib/page-name.ts'

test('the selected nights are part of the name', () => {
  assert.equal(pageName('ZTF18aaiscil', ''), 'ZTF18aaiscil')
  assert.equal(pageName('ZTF18aaiscil', '2020, 20210101..20210331'), 'ZTF18aaiscil_2020,20210101..20210331')
})

test('a long selection has a short name of its own', () => {
  const [a, b] = ['20200101', '20200102'].map(last => pageName('ZTF18aaiscil', `${'20190101,'.repeat(60)}${last}`))
  assert.ok(a && b && a !== b && a.length < 60, `${a} ${b}`)
})
