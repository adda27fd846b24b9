import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { nightsInLake } from '../../lib/index/plan.ts'
import { readLakeColumns } from '../../lib/lake/lake-columns.ts'
import type { Paths } from '../../lib/paths.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { move } from '../support/moved.ts'

test('reads the new columns of all nights, once each', async t => {
  const paths = await dataFolder(t)
  for (const date of ['20260601', '20260602']) await convert(paths, futureNight(date, 'colour', 'double'))
  const { columns, clashes } = await readLakeColumns(paths, await nightsInLake(paths))
  assert.deepEqual(columns.toSorted(byPath), [
    { path: 'candidate.colour', type: 'Float64' },
    { path: 'colour', type: 'Float64' },
  ])
  assert.equal(clashes.size, 0)
})

test('takes the columns of moved nights from _common_metadata, without those of other nights', async t => {
  const paths = await dataFolder(t)
  const colour = futureNight('20260601', 'colour', 'double')
  for (const night of [colour, futureNight('20260602', 'age', 'long')]) await convert(paths, night)
  await move(paths, colour)
  const nights = (await nightsInLake(paths)).filter(({ night }) => night.date === '20260601')
  const { columns } = await readLakeColumns(paths, nights)
  assert.deepEqual(columns.toSorted(byPath), [
    { path: 'candidate.colour', type: 'Float64' },
    { path: 'colour', type: 'Float64' },
  ])
})

test('names the later of two nights whose columns clash, as earlier versions wrote them', async t => {
  const paths = await dataFolder(t)
  await convertAlone(paths, futureNight('20260601', 'colour', 'double'))
  await convertAlone(paths, futureNight('20260602', 'colour', 'string'))
  await convertAlone(paths, futureNight('20260603', 'Colour', 'double'))
  const { columns, clashes } = await readLakeColumns(paths, await nightsInLake(paths))
  assert.deepEqual(columns.map(({ path }) => path).sort(), ['candidate.colour', 'colour'])
  const sentence = (column: string, other: string) =>
    `it has the column ${column}, but ztf_public_20260601 has ${other} as Float64: run make repair, then make lake, to convert it again`
  assert.deepEqual(
    [...clashes],
    [
      ['ztf_public_20260602', sentence('candidate.colour as Utf8', 'candidate.colour')],
      ['ztf_public_20260603', sentence('candidate.Colour as Float64', 'candidate.colour')],
    ],
  )
})

/** Converts a night as if no other night had columns of its own. */
async function convertAlone(paths: Paths, night: Tarball): Promise<void> {
  await rm(paths.commonMetadata, { force: true })
  await rm(paths.columnClaims, { recursive: true, force: true })
  await convert(paths, night)
}

function byPath(one: { path: string }, other: { path: string }): number {
  return one.path < other.path ? -1 : 1
}
