import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeFlags, repeatFolders } from '../../lib/core/make-flags.ts'

test('reads -j with its number, and nothing that only looks like it', () => {
  assert.deepEqual(makeFlags('r -j5 --jobserver-auth=3,4 --no-print-directory -- DATA=b').jobs, ['-j5'])
  assert.deepEqual(makeFlags(' -j --jobserver-auth=fifo:/tmp/GMfifo1').jobs, ['-j'])
  assert.deepEqual(makeFlags('r --no-print-directory -- DATA=a\\ -j7').jobs, [])
  assert.deepEqual(makeFlags('').jobs, [])
})

test('reads -n and -q among the other single-letter flags', () => {
  assert.deepEqual(makeFlags('rn --no-print-directory').preview, ['-n'])
  assert.deepEqual(makeFlags('q').preview, ['-q'])
  assert.deepEqual(makeFlags(' --no-print-directory -j2 -- DATA=n').preview, [])
})

test("reads the names of the variables on make's command line", () => {
  assert.deepEqual(makeFlags('k -j5 -- DATA=a\\ b Q=select\\ 1\\ --\\ X=2 WORKERS:=3').variables, [
    'DATA',
    'Q',
    'WORKERS',
  ])
  assert.deepEqual(makeFlags('k').variables, [])
})

test('repeats the folders of the command line in advice', () => {
  const advice = 'data/lake does not exist: run make lake first, or run make lake-array'
  const env = (MAKEFLAGS: string) => ({ MAKEFLAGS, DATA: "/big disk/it's", URIS: 'lists', NIGHTS: '2020' })
  assert.equal(repeatFolders(advice, env('k -- NIGHTS=2020')), advice)
  assert.equal(repeatFolders(advice, env('')), advice, 'they may be those of the environment, which stay')
  assert.equal(
    repeatFolders('run make lake first', env(String.raw` -j5 -- URIS=lists DATA=/big\ disk/it's`)),
    String.raw`run make lake DATA='/big disk/it'\''s' URIS=lists first`,
  )
  assert.match(
    repeatFolders(advice, env(' -- URIS=lists')),
    / run make lake URIS=lists first, .* make lake-array URIS=lists$/,
  )
})
