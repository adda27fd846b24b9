import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { MAX_ATTEMPTS, quarantine } from '../../lib/archive/quarantine.ts'
import type { Night } from '../../lib/night.ts'
import { inLake, needsDownload, onDisk, planConversion, planDownload } from '../../lib/nights/inventory.ts'
import type { Paths } from '../../lib/paths.ts'
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

const DATES = ['20200101', '20200102', '20200103', '20200104']
const [A, B, C, D] = DATES.map(nightAt) as [Night, Night, Night, Night]
const ALL = () => true

test('finds the selected tarballs on disk and the nights in the lake, in date order', async t => {
  const paths = await dataFolder(t)
  for (const night of [C, A, B]) await putTarball(paths, night, '')
  for (const name of [`${D.name}.part`, 'notes.tar.gz', 'ztf_public_20200230.tar.gz'])
    await writeFile(join(paths.tarballs, name), '')
  await rename(paths.tarball(C), join(paths.data, 'elsewhere'))
  await symlink(join(paths.data, 'elsewhere'), paths.tarball(C))
  await symlink('/nowhere', paths.tarball(D))
  for (const night of [D, B]) await putInLake(paths, night, '')
  await writeFile(join(paths.manifests, `${A.stem}.json.part`), '')
  const selection = (date: string) => date !== B.date
  assert.deepEqual([await onDisk(paths, selection), await inLake(paths, selection)], [[A, C], [D]])
  assert.deepEqual(await inLake(paths, ALL), [B, D])
})

test('finds nothing before the first run', async t => {
  const paths = await dataFolder(t)
  await rm(paths.tarballs, { recursive: true })
  assert.deepEqual([await onDisk(paths, ALL), await inLake(paths, ALL), await pendingNights(paths)], [[], [], []])
})

test('refuses to plan a download before nights are listed', async t => {
  const paths = await dataFolder(t)
  await assert.rejects(planDownload(settingsOf(paths), paths), /^Error: no nights are listed yet: run make uris first$/)
})

test('refuses to plan a download if the URL lists are gone', async t => {
  const paths = await dataFolder(t)
  const rows = DATES.map(date => listedNight(date))
  await writeListing(paths, rows, () => false)
  await assert.rejects(
    planDownload(settingsOf(paths), paths),
    /^Error: the lists below \S+\/uris have no URL of the selected nights: run make uris with NIGHTS and MIN_SIZE that include some$/,
  )
})

test('refuses to plan a download if NIGHTS matches no listed night', async t => {
  const paths = await dataFolder(t)
  await writeListing(
    paths,
    DATES.map(date => listedNight(date)),
  )
  const settings = settingsOf(paths, { NIGHTS: '2019' })
  await assert.rejects(planDownload(settings, paths), /^Error: none of the 4 listed nights matches NIGHTS$/)
})

test('plans to download nights of the URL lists that are neither on disk nor in the lake', async t => {
  const paths = await dataFolder(t)
  await writeListing(
    paths,
    [...DATES, '20200105'].map(date => listedNight(date)),
    ({ night }) => night !== D.date,
  )
  await putTarball(paths, A, '')
  await putInLake(paths, B, '')
  assert.deepEqual(await planned(paths), { notInLake: [A.date, C.date, '20200105'], missing: [C.date, '20200105'] })
  assert.deepEqual(await planned(paths, { NIGHTS: C.date }), { notInLake: [C.date], missing: [C.date] })
})

test('plans to download a night that was republished after its conversion', async t => {
  const paths = await dataFolder(t)
  const before = listedNight(A.date)
  const rows = [listedNight(A.date, { bytes: 2e6 }), listedNight(B.date, { md5: md5Of('new') }), listedNight(C.date)]
  await writeListing(paths, rows)
  await putInLake(paths, A, 'old', { listed: before })
  await putInLake(paths, B, 'old')
  // Converted when it was not listed, and now listed without an MD5: nothing shows that it has changed.
  await putInLake(paths, C, 'old')
  assert.deepEqual(await planned(paths), { notInLake: [A.date, B.date], missing: [A.date, B.date] })
})

test('plans to download a tarball again if it is outdated on disk, and keeps a current one', async t => {
  const paths = await dataFolder(t)
  await writeListing(
    paths,
    [A, B, C].map(({ date }) => listedNight(date, { md5: md5Of('new') })),
  )
  await putTarball(paths, A, 'old')
  await putTarball(paths, B, 'new')
  // Copied by the user: without a receipt, and not in the lake, it counts as current.
  await writeFile(paths.tarball(C), 'old')
  assert.deepEqual(await planned(paths), { notInLake: [A.date, B.date, C.date], missing: [A.date] })
  await putInLake(paths, C, 'old')
  assert.deepEqual((await planned(paths)).missing, [A.date, C.date])
})

test('plans all nights if a folder is in place of a receipt, whose night reports it', async t => {
  const paths = await dataFolder(t)
  await writeListing(
    paths,
    [A, B].map(({ date }) => listedNight(date, { md5: md5Of('new') })),
  )
  for (const night of [A, B, C]) await putTarball(paths, night, 'old')
  await putInLake(paths, A, 'old')
  for (const night of [A, C]) {
    await rm(paths.receipt(night))
    await mkdir(paths.receipt(night))
  }
  assert.deepEqual((await planned(paths)).missing, [A.date, B.date])
  await assert.rejects(needsDownload(paths, listedNight(A.date, { md5: md5Of('new') })), { path: paths.receipt(A) })
  assert.deepEqual(await pendingNights(paths), [A, B, C])
})

test('gives up a revision that has arrived with wrong bytes too often, until another is listed', async t => {
  const paths = await dataFolder(t)
  const row = listedNight(A.date, { md5: md5Of('right') })
  await writeListing(paths, [row, listedNight(B.date)])
  for (let i = 0; i < MAX_ATTEMPTS; i++) {
    assert.deepEqual((await planned(paths)).missing, [A.date, B.date])
    await putTarball(paths, A, 'wrong')
    await quarantine(paths, A, paths.tarball(A), { reason: 'its MD5 is wrong', md5: md5Of('wrong'), listed: row })
  }
  const { missing, givenUp } = await planDownload(settingsOf(paths), paths)
  assert.deepEqual([missing.map(({ name }) => name), givenUp.map(({ name }) => name)], [[B.name], [A.name]])
  assert.equal(givenUp[0]?.quarantined.times, MAX_ATTEMPTS)
  await writeListing(paths, [{ ...row, md5: md5Of('another') }])
  assert.deepEqual((await planned(paths)).missing, [A.date])
})

test('decides for one night like the plan does for all', async t => {
  const paths = await dataFolder(t)
  const row = listedNight(A.date, { md5: md5Of('new') })
  assert.equal(await needsDownload(paths, row), true)
  await putTarball(paths, A, 'old')
  assert.equal(await needsDownload(paths, row), true)
  await putTarball(paths, A, 'new')
  assert.equal(await needsDownload(paths, row), false)
  await rm(paths.tarball(A))
  await putInLake(paths, A, 'old')
  assert.equal(await needsDownload(paths, row), true)
  await putInLake(paths, A, 'new')
  assert.equal(await needsDownload(paths, row), false)
})

test('converts nights on disk that the lake lacks or has from another tarball', async t => {
  const paths = await dataFolder(t)
  for (const night of [A, B, C]) await putTarball(paths, night, 'new')
  await putInLake(paths, B, 'old')
  await putInLake(paths, C, 'new')
  await putInLake(paths, D, 'old')
  assert.deepEqual(await pendingNights(paths), [A, B])
  assert.deepEqual(await pendingNights(paths, '20200102..20200104'), [B])
})

test('compares MD5s and never times to find a superseded night', async t => {
  const paths = await dataFolder(t)
  for (const night of [A, B]) {
    await putTarball(paths, night, 'new')
    await putInLake(paths, night, night === A ? 'old' : 'new')
    for (const hours of [-2, 2]) {
      await setAge(paths.manifest(night), hours * 3_600_000)
      assert.deepEqual(await pendingNights(paths), [A], `${hours}`)
    }
  }
})

test('without a valid receipt, converts nights that are not whole or whose tarball has another size', async t => {
  const paths = await dataFolder(t)
  for (const night of [A, B, C, D]) await writeFile(paths.tarball(night), 'content')
  await putInLake(paths, A, 'other', { tarballBytes: 7 })
  await putInLake(paths, B, 'other', { tarballBytes: 8 })
  await putInLake(paths, C, 'other', { tarballBytes: 7, state: 'salvaged', salvage: 'the tar is cut' })
  await putTarball(paths, D, 'content')
  await writeFile(paths.tarball(D), 'changed since')
  await putInLake(paths, D, 'content', { tarballBytes: 7, state: 'empty' })
  assert.deepEqual(await pendingNights(paths), [B, C, D])
})

test('removes the tarballs of converted nights, except a cut one that is not the listed one', async t => {
  const paths = await dataFolder(t)
  const nights = ['20200105', ...DATES].map(nightAt)
  await writeListing(paths, [listedNight(A.date, { md5: md5Of('cut') }), listedNight(B.date, { md5: md5Of('whole') })])
  for (const night of nights) await putTarball(paths, night, 'cut')
  for (const night of [A, B]) await putInLake(paths, night, 'cut', { state: 'salvaged', salvage: 'the tar is cut' })
  await putInLake(paths, C, 'cut')
  await putInLake(paths, D, 'another')
  assert.deepEqual(await removableNights(paths), [A, C])
})

test('counts moved nights as converted, and converts those whose tarball is another one', async t => {
  const paths = await dataFolder(t)
  await writeListing(
    paths,
    [A, B, C].map(({ date }) => listedNight(date)),
  )
  for (const night of [A, B]) await putTarball(paths, night, 'new')
  await putInLake(paths, A, 'new', { movedTo: 's3://bucket/ztf' })
  await putInLake(paths, B, 'old', { movedTo: 's3://bucket/ztf' })
  await putInLake(paths, C, 'new', { movedTo: 's3://bucket/ztf' })
  assert.deepEqual(await pendingNights(paths), [B])
  assert.deepEqual(await removableNights(paths), [A])
  assert.deepEqual((await planDownload(settingsOf(paths), paths)).missing, [])
})

test('plans the other nights if a manifest is broken, whose night is converted to report it', async t => {
  const paths = await dataFolder(t)
  await writeListing(
    paths,
    DATES.map(date => listedNight(date)),
  )
  for (const night of [A, B, C]) await putTarball(paths, night, 'new')
  await writeFile(paths.tarball(D), 'new')
  await putInLake(paths, C, 'new')
  await breakManifest(paths, A)
  await breakManifest(paths, D)
  assert.deepEqual(await planned(paths), { notInLake: [B.date], missing: [] })
  assert.deepEqual(await pendingNights(paths), [A, B, D])
  assert.deepEqual(await removableNights(paths), [C])
})

async function pendingNights(paths: Paths, NIGHTS = ''): Promise<readonly Night[]> {
  return (await planConversion(settingsOf(paths, { NIGHTS }), paths)).pending
}

async function removableNights(paths: Paths): Promise<readonly Night[]> {
  return (await planConversion(settingsOf(paths, { KEEP_TARS: 'no' }), paths)).removable
}

/** Dates of the nights of `planDownload`. */
async function planned(paths: Paths, settings: Record<string, string> = {}) {
  const { notInLake, missing } = await planDownload(settingsOf(paths, settings), paths)
  return { notInLake: notInLake.map(({ night }) => night), missing: missing.map(({ night }) => night) }
}
