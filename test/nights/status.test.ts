import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordFailure } from '../../lib/nights/failures.ts'
import { readStatus } from '../../lib/nights/status.ts'
import { dataFolder } from '../support/data-folder.ts'
import {
  breakManifest,
  listedNight,
  md5Of,
  nightAt,
  putInLake,
  putTarball,
  setAge,
  settingsOf,
  writeListing,
} from '../support/night-files.ts'

test('gives the state of every selected night that is listed, on disk or in the lake, in date order', async t => {
  const paths = await dataFolder(t)
  const empty = listedNight('20200102', { bytes: 74, kind: 'empty' })
  const other = listedNight('', { name: 'MD5SUMS', kind: 'other' })
  await writeListing(paths, [listedNight('20200101'), empty, listedNight('20210101'), other])
  await putTarball(paths, nightAt('20200103'), 'on disk')
  await putInLake(paths, nightAt('20200104'), '')
  await putInLake(paths, nightAt('20200105'), '', { state: 'salvaged', salvage: 'the tar is cut' })
  await putInLake(paths, nightAt('20200106'), '', { state: 'empty' })
  await putTarball(paths, nightAt('20200104'), 'another')
  await recordFailure(paths, nightAt('20200104'), 'the disk is full')
  const nights = await readStatus(settingsOf(paths, { NIGHTS: '2020' }), paths)
  assert.deepEqual(
    nights.map(({ night, state, row, size, failure }) => [night.date, state, row?.bytes, size, failure]),
    [
      ['20200101', 'listed', 1e6, undefined, undefined],
      ['20200102', 'empty', 74, undefined, undefined],
      ['20200103', 'disk', undefined, 7, undefined],
      ['20200104', 'failed', undefined, 7, 'the disk is full'],
      ['20200105', 'salvaged', undefined, undefined, undefined],
      ['20200106', 'empty', undefined, undefined, undefined],
    ],
  )
})

test('ignores the recorded failure of a night that is in the lake and whose tarball is gone', async t => {
  const paths = await dataFolder(t)
  const [removed, done, superseded, republished] = ['20200101', '20200102', '20200103', '20200104'].map(nightAt)
  assert.ok(removed && done && superseded && republished)
  for (const night of [removed, done, superseded, republished]) {
    await putInLake(paths, night, 'old')
    await recordFailure(paths, night, 'the disk is full')
  }
  await putTarball(paths, done, 'old')
  await putTarball(paths, superseded, 'new')
  await writeListing(paths, [listedNight(republished.date, { md5: md5Of('new') })])
  const nights = await readStatus(settingsOf(paths), paths)
  const failed = nights.filter(({ state, failure }) => state === 'failed' && failure).map(({ night }) => night)
  assert.deepEqual(failed, [done, superseded, republished])
})

test('gives a night with a broken manifest as failed, with the reason', async t => {
  const paths = await dataFolder(t)
  await breakManifest(paths, nightAt('20200101'))
  const [night] = await readStatus(settingsOf(paths), paths)
  assert.deepEqual([night?.state, night?.manifest, night?.failure], ['failed', undefined, undefined])
  assert.match(night?.broken ?? '', /ztf_public_20200101\.json is corrupt: .*: run make repair$/)
})

test('marks a converted night that the archive has republished, and gives its time of conversion', async t => {
  const paths = await dataFolder(t)
  const [old, current] = [nightAt('20200101'), nightAt('20200102')]
  for (const night of [old, current]) await putInLake(paths, night, 'old')
  await writeListing(paths, [
    listedNight(old.date, { md5: md5Of('new') }),
    listedNight(current.date, { md5: md5Of('old') }),
  ])
  await setAge(paths.manifest(old), 3_600_000)
  const nights = await readStatus(settingsOf(paths), paths)
  assert.deepEqual(
    nights.map(({ state, republished }) => [state, republished]),
    [
      ['lake', true],
      ['lake', false],
    ],
  )
  const age = Date.now() - (nights[0]?.converted ?? 0)
  assert.ok(age >= 3_600_000 && age < 3_660_000, `${age} ms`)
})
