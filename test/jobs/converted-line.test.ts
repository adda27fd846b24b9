import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convertedLine } from '../../lib/jobs/converted-line.ts'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { manifestOf, nightAt } from '../support/night-files.ts'

const NIGHT = nightAt('20200101')
const START = `converted ${NIGHT.stem}  10 alerts  2.0 KiB -> 2.9 KiB  1 file  1.5 s`

test('gives the sizes of a night, and nothing more if all is normal', () => {
  assert.equal(lineOf({}), START)
})

test('names everything unusual about a night', () => {
  const line = lineOf({
    state: 'salvaged',
    salvage: 'the tar is cut',
    replaces: { md5: 'abc', state: 'whole', tarballBytes: 1, alerts: 7 },
    damagedPackets: [{ member: '1.avro', reason: 'the packet ends inside its record' }],
    duplicates: 2,
    newColumns: ['candidate.future'],
  })
  assert.deepEqual(line.slice(START.length).trim().split('  '), [
    'REPUBLISHED: replaces 7 alerts of abc',
    'SALVAGED: the tar is cut',
    'DAMAGED: 1.avro: the packet ends inside its record',
    '2 duplicates left out',
    'NEW COLUMN: candidate.future',
  ])
})

test('says that a night is empty', () => {
  assert.equal(lineOf({ state: 'empty', alerts: 0 }).split('  ').at(-1), 'an empty night')
})

test('names ten damaged packets, and counts the others', () => {
  const damagedPackets = Array.from({ length: 1200 }, (_, i) => ({ member: `${i}.avro`, reason: 'wrong marker' }))
  const line = lineOf({ damagedPackets })
  assert.equal(line.match(/DAMAGED: \d+\.avro: wrong marker/g)?.length, 10)
  assert.match(line, /DAMAGED: 1,190 more, see its manifest$/)
})

function lineOf(change: Partial<Manifest>): string {
  return convertedLine(NIGHT.stem, manifestOf(NIGHT, { tarballBytes: 2048, ...change }))
}
