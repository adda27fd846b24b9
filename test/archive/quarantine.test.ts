import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  attemptsExhausted,
  clearQuarantine,
  fitsListing,
  mismatch,
  quarantine,
  readQuarantine,
} from '../../lib/archive/quarantine.ts'
import { nightOfStem } from '../../lib/night.ts'
import { dataFolder } from '../support/data-folder.ts'

const NIGHT = nightOfStem('ztf_public_20200101') ?? assert.fail()
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)]
const LISTED = { bytes: 10_000, modified: '2020-01-01 07:00', md5: B }
const RECORD = { reason: 'its MD5 is wrong', md5: A, listed: LISTED }

test('accepts sizes that the listing may have rounded', () => {
  const fits = [9400, 10_600, 9399, 10_601].map(bytes => fitsListing(bytes, { bytes: 10_000 }))
  assert.deepEqual(fits, [true, true, false, false])
  assert.deepEqual([fitsListing(1000, { bytes: 1000 }), fitsListing(1001, { bytes: 1000 })], [true, false])
})

test('describes how a tarball differs from the listed one', () => {
  assert.equal(mismatch(B, 1, LISTED), undefined)
  assert.equal(mismatch(A, 10_000, LISTED), `its MD5 is ${A}, but the archive lists ${B}`)
  assert.equal(mismatch(A, 10_000, { ...LISTED, md5: '' }), undefined)
  assert.equal(mismatch(A, 100, { ...LISTED, md5: '' }), 'its size is 100 B, but the archive lists 9.8 KiB')
})

test('moves a download and its record to bad/, and counts the attempts', async t => {
  const paths = await dataFolder(t)
  for (const times of [1, 2, 3]) {
    await writeFile(paths.part(NIGHT), String(times))
    assert.equal(attemptsExhausted((await readQuarantine(paths)).get(NIGHT.name), LISTED), false)
    await quarantine(paths, NIGHT, paths.part(NIGHT), RECORD)
    assert.deepEqual((await readQuarantine(paths)).get(NIGHT.name), { ...RECORD, times })
    assert.equal(await readFile(paths.quarantinedTarball(NIGHT), 'utf8'), String(times))
  }
  assert.equal(attemptsExhausted((await readQuarantine(paths)).get(NIGHT.name), LISTED), true)
  assert.deepEqual(await readdir(paths.tarballs), [])
  assert.deepEqual((await readdir(paths.bad)).sort(), [`${NIGHT.stem}.json`, NIGHT.name])
})

test('never removes a tarball that may be the user’s own', async t => {
  const paths = await dataFolder(t)
  for (const text of ['first', 'second']) {
    await writeFile(paths.tarball(NIGHT), text)
    const moved = await quarantine(paths, NIGHT, paths.tarball(NIGHT), RECORD)
    assert.equal(await readFile(moved, 'utf8'), text)
  }
  await clearQuarantine(paths, NIGHT)
  const kept = await readdir(join(paths.orphans, 'tarballs'))
  assert.deepEqual([kept.sort(), await readdir(paths.bad)], [[NIGHT.name, `${NIGHT.name}-2`], ['orphans']])
})

test('counts again from one for another revision', async t => {
  const paths = await dataFolder(t)
  const listed = { ...LISTED, md5: 'c'.repeat(32) }
  for (const record of [RECORD, RECORD, RECORD, { ...RECORD, listed }]) {
    await writeFile(paths.tarball(NIGHT), '')
    await quarantine(paths, NIGHT, paths.tarball(NIGHT), record)
  }
  const record = (await readQuarantine(paths)).get(NIGHT.name)
  assert.deepEqual([record?.times, attemptsExhausted(record, listed)], [1, false])
})

test('moves a link, and not the file that it points to', async t => {
  const paths = await dataFolder(t)
  const target = join(paths.data, 'own.tar.gz')
  await writeFile(target, '')
  await symlink(target, paths.tarball(NIGHT))
  await quarantine(paths, NIGHT, paths.tarball(NIGHT), RECORD)
  assert.equal(await readlink(join(paths.orphans, 'tarballs', NIGHT.name)), target)
  assert.equal(await readFile(target, 'utf8'), '')
})

test('ignores invalid records and files of other names, and counts from one again', async t => {
  const paths = await dataFolder(t)
  await mkdir(paths.bad)
  await writeFile(join(paths.bad, 'notes.json'), '{}')
  const { listed, ...rest } = { ...RECORD, times: 3 }
  const invalid = ['{"reason": ', '{}', '[1, 2]', 'null', '7', JSON.stringify(rest)]
  for (const change of [
    { listed: {} },
    { listed: null },
    { listed: { ...LISTED, bytes: '1' } },
    { times: 'x' },
    { md5: 1 },
  ])
    invalid.push(JSON.stringify({ ...rest, listed, ...change }))
  for (const text of invalid) {
    await writeFile(paths.quarantineRecord(NIGHT), text)
    assert.equal((await readQuarantine(paths)).size, 0, text)
    await writeFile(paths.tarball(NIGHT), '')
    await quarantine(paths, NIGHT, paths.tarball(NIGHT), RECORD)
    assert.equal((await readQuarantine(paths)).get(NIGHT.name)?.times, 1, text)
  }
  assert.equal(attemptsExhausted(undefined, LISTED), false)
})
