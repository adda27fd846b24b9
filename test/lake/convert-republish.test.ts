import assert from 'node:assert/strict'
import { appendFileSync, existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { receiptOf } from '../../lib/archive/receipts.ts'
import { convertNight } from '../../lib/lake/convert.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import * as damage from '../support/damage.ts'
import { convert, dataFolder, nightOf, parquetOf, SETTINGS } from '../support/data-folder.ts'
import { assertAlerts, parquetFiles } from '../support/lake-reader.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { hash } from '../support/tarballs.ts'

test('quarantines a tarball whose md5 is not the listed one', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601' })
  const [md5, other] = [hash('md5', night.bytes), '0'.repeat(32)]
  const listed = (sum: string) => ({ md5: sum, bytes: night.bytes.length, modified: '2020-06-01 07:22' })
  const { name } = night
  const moved = join(paths.orphans, 'tarballs', name)
  await assert.rejects(convert(paths, night, {}, listed(other)), {
    message: `its MD5 is ${md5}, but the archive lists ${other}: moved to ${moved}, run make download`,
  })
  assert.deepEqual(await readdir(paths.bad), ['orphans', name.replace('.tar.gz', '.json')])
  assert.deepEqual(await readFile(moved), night.bytes)
  assert.deepEqual(await readdir(paths.tarballs), ['.md5'])
  assert.deepEqual([await readManifest(paths, nightOf(name)), await parquetFiles(paths)], [undefined, []])
  assert.equal((await convert(paths, night, {}, listed(md5))).state, 'whole')
  assert.deepEqual(await readdir(paths.bad), ['orphans'])
})

for (const [what, length] of [
  ['nothing of it', 0],
  ['half of it', 0.5],
] as const)
  test(`quarantines a tarball with ${what} by its size if no md5 is listed`, async t => {
    const paths = await dataFolder(t)
    const { name, bytes } = makeNight({ night: '20200601', alerts: 20 })
    const listed = { md5: '', bytes: bytes.length, modified: '2020-06-01 07:22' }
    const cut = bytes.subarray(0, bytes.length * length)
    const moved = join(paths.orphans, 'tarballs', name)
    await assert.rejects(convert(paths, { name, bytes: cut }, {}, listed), {
      message: new RegExp(`^its size is [^\n]+, but the archive lists [^\n]+: moved to ${moved}, run make download$`),
    })
    assert.deepEqual([await readdir(paths.tarballs), await parquetFiles(paths)], [['.md5'], []])
    assert.deepEqual(await readFile(moved), cut)
    const rounded = { ...listed, bytes: Math.round(bytes.length * 1.05) }
    assert.equal((await convert(paths, { name, bytes }, {}, rounded)).state, 'whole')
  })

test('refuses a tarball that changes while it is read', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const path = join(paths.tarballs, night.name)
  const changing = (async () => {
    while (!existsSync(paths.staging)) await new Promise(setImmediate)
    appendFileSync(path, 'more')
  })()
  await assert.rejects(convert(paths, night), {
    message: 'it changed while it was read: run make lake when it is complete',
  })
  await changing
  assert.deepEqual([await readManifest(paths, nightOf(night.name)), await parquetFiles(paths)], [undefined, []])
  assert.equal((await convert(paths, night)).state, 'whole')
})

test('keeps the former night in the lake if the new tarball is refused', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 5 })
  const manifest = await convert(paths, night)
  await assert.rejects(convert(paths, { name: night.name, bytes: Buffer.from('<html></html>') }))
  await assertAlerts(paths, night, 5)
  assert.deepEqual(await readManifest(paths, nightOf(night.name)), manifest)
})

test('keeps a night that the archive does not list if another tarball has fewer alerts', async t => {
  const paths = await dataFolder(t)
  const former = makeNight({ night: '20200601', alerts: 6 })
  const manifest = await convert(paths, former)
  const fewer = makeNight({ night: '20200601', alerts: 3, seed: 2 })
  const path = paths.manifest(nightOf(former.name))
  await assert.rejects(convert(paths, fewer), {
    message:
      `the archive does not list it, and it has 3 alerts, but the lake has 6 of this night, from a tarball with the MD5 ` +
      `${manifest.md5}: delete it, or to replace the night anyway, delete ${path}`,
  })
  await assertAlerts(paths, former, 6)
  const listed = { md5: hash('md5', fewer.bytes), bytes: fewer.bytes.length, modified: '' }
  await convert(paths, fewer, {}, listed)
  await assertAlerts(paths, fewer, 3)
})

test('replaces former files and damaged packets, but none of the date’s other tarball', async t => {
  const paths = await dataFolder(t)
  const options = { night: '20191003', alerts: 20 }
  const other = makeNight({ ...options, kind: 'programid3', damage: { 1: damage.wiped } })
  await convert(paths, other, { alertsPerFile: 7 })
  await convert(paths, makeNight({ ...options, damage: { 0: damage.wiped } }), { alertsPerFile: 7 })
  assert.equal((await parquetFiles(paths)).length, 6)
  const again = makeNight({ ...options, alerts: 9, seed: 2 })
  const listed = { md5: hash('md5', again.bytes), bytes: again.bytes.length, modified: '' }
  await convert(paths, again, { alertsPerFile: 7 }, listed)
  assert.deepEqual(
    (await parquetFiles(paths)).map(name => name.split('/').at(-1)),
    [parquetOf(again, 0), parquetOf(again, 1), ...[0, 1, 2].map(i => parquetOf(other, i))],
  )
  await assertAlerts(paths, again, 9, "parse_filename(filename) like 'ztf_public_20191003-%'")
  await assertAlerts(paths, other, 19, "filename like '%programid3%'")
  assert.deepEqual(await readdir(paths.bad), ['ztf_public_20191003_programid3'])
})

test('computes the md5 again if the tarball on disk changes', async t => {
  const paths = await dataFolder(t)
  const [first, second] = [1, 2].map(seed => makeNight({ night: '20200601', seed, alerts: 4 }))
  await convert(paths, first as SyntheticNight)
  assert.equal((await convert(paths, second as SyntheticNight)).md5, hash('md5', (second as SyntheticNight).bytes))
  await assertAlerts(paths, second as SyntheticNight, 4)
})

test('still records what it replaced if the same tarball is converted again', async t => {
  const paths = await dataFolder(t)
  const [first, second] = [1, 2].map(seed => makeNight({ night: '20200601', seed, alerts: 4 }))
  const { md5 } = await convert(paths, first as SyntheticNight)
  assert.equal((await convert(paths, second as SyntheticNight)).replaces?.md5, md5)
  assert.equal((await convert(paths, second as SyntheticNight)).replaces?.md5, md5)
})

test('records the listed revision of a tarball whose receipt lacks it', async t => {
  const paths = await dataFolder(t)
  const { name, bytes } = makeNight({ night: '20200601', alerts: 4 })
  await writeFile(paths.tarball(nightOf(name)), bytes)
  await receiptOf(paths, nightOf(name))
  const listed = { md5: hash('md5', bytes), bytes: bytes.length, modified: '2020-06-01 07:22' }
  assert.deepEqual((await convertNight(paths, nightOf(name), SETTINGS, listed)).listed, listed)
  assert.equal((await convertNight(paths, nightOf(name), SETTINGS, { ...listed, md5: '' })).listed, undefined)
})
