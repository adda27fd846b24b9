import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasChanged, isOutdated, revisionOf } from '../../lib/archive/revision.ts'

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)]
const LISTED = { bytes: 1000, modified: '2020-01-01 07:00', md5: '' }
const LATER = { ...LISTED, modified: '2020-01-02 07:00' }

test('compares two revisions by their MD5 if both have one', () => {
  assert.equal(hasChanged({ ...LISTED, md5: A }, { ...LATER, bytes: 2000, md5: A }), false)
  assert.equal(hasChanged({ ...LISTED, md5: A }, { ...LISTED, md5: B }), true)
})

test('compares two revisions by size and date otherwise', () => {
  assert.equal(hasChanged(LISTED, { ...LISTED, bytes: 1001 }), true)
  assert.equal(hasChanged(LISTED, { ...LATER, md5: B }), true)
  assert.equal(hasChanged({ ...LISTED, md5: A }, LISTED), false)
})

test('does not compare a date that one revision lacks', () => {
  assert.equal(hasChanged(LISTED, { ...LISTED, modified: '' }), false)
  assert.equal(hasChanged({ ...LISTED, modified: '' }, LATER), false)
})

test('takes a tarball for outdated if its MD5 is not the listed one', () => {
  assert.equal(isOutdated({ md5: A, listed: LISTED }, { ...LATER, md5: A }), false)
  assert.equal(isOutdated({ md5: A, listed: LISTED }, { ...LISTED, md5: B }), true)
})

test('takes a tarball for outdated if its revision has changed and no MD5 is listed', () => {
  assert.equal(isOutdated({ md5: A, listed: LISTED }, LATER), true)
  assert.equal(isOutdated({ md5: A, listed: LISTED }, LISTED), false)
  assert.equal(isOutdated({ md5: A }, LATER), false)
})

test('keeps only size, date and MD5 of a row', () => {
  assert.deepEqual(revisionOf({ ...LISTED, ...{ name: 'VALIDATE' } }), LISTED)
})
