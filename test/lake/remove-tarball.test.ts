import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { readReceipt, writeReceipt } from '../../lib/archive/receipts.ts'
import { md5Of } from '../../lib/core/files.ts'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { reasonToKeep, removeTarball } from '../../lib/lake/remove-tarball.ts'
import { summarize } from '../../lib/lake/summaries.ts'
import { LIMITS } from '../../lib/limits.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { logSyncs } from '../support/log-syncs.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { manifestOf } from '../support/night-files.ts'
import { rawTar } from '../support/raw-tar.ts'
import { membersOf, repacked } from '../support/tarballs.ts'

const WHOLE = makeNight({ night: '20191003', alerts: 6 })
const CUT = makeNight({ night: '20250327', alerts: 5, cutTar: { member: 3, bytes: 900 } })
const NIGHT = nightOf(WHOLE.name)
const SPARSE = { type: 'S', name: 'sparse.avro', body: Buffer.alloc(512) }
const TOO_LARGE = LIMITS.memberBytes + 1
const NOT_KEPT = { member: 'huge.avro', reason: 'it is large; too large to be kept' }
const THREE_KEPT = [1, 2, 3].map(i => ({
  ...{ member: `${i}.avro`, reason: 'it is cut' },
  kept: { name: `${i}-${i}.avro`, bytes: 9, sha256: '' },
}))

test('keeps a cut tarball that the archive does not list, because a better one may come', async t => {
  const paths = await dataFolder(t)
  const reason = 'a better one may come'
  const salvaged = summarize(await convert(paths, CUT))
  assert.deepEqual(
    [salvaged.md5, 'f'.repeat(32), undefined, ''].map(md5 => reasonToKeep(salvaged, md5)),
    [undefined, reason, reason, reason],
  )
  for (const night of [WHOLE, emptyNight('20180710', 'tar')])
    assert.equal(reasonToKeep(summarize(await convert(paths, night)), undefined), undefined)
})

test('keeps a tarball with a packet that is kept nowhere else', async t => {
  const paths = await dataFolder(t)
  const damaged = ['huge.avro', 'small.avro'].map((name, i) => ({ name, bytes: Buffer.alloc(i === 0 ? TOO_LARGE : 9) }))
  const { md5, ...summary } = summarize(await convert(paths, repacked(WHOLE, [...damaged, ...membersOf(WHOLE)])))
  const reason = '1 packet of it, larger than any alert, is kept nowhere else'
  assert.deepEqual([summary.state, summary.damaged, summary.notKept], ['whole', 2, 1])
  assert.equal(reasonToKeep({ md5, ...summary }, md5), reason)
  // A summary has only the first three damaged packets.
  assert.equal(summarize(manifestOf(NIGHT, { damagedPackets: [...THREE_KEPT, NOT_KEPT] })).notKept, 1)
})

test('keeps a tarball with bytes that cannot be read, even if the archive has them too', async t => {
  const paths = await dataFolder(t)
  const reason = 'some of its bytes cannot be read, and are kept nowhere else'
  // A sparse file may contain an alert.
  const tar = rawTar([...membersOf(WHOLE).map(({ name, bytes }) => ({ type: '0', name, body: bytes })), SPARSE])
  for (const bytes of [gzip(tar), Buffer.concat([WHOLE.bytes, Buffer.from('junk')])]) {
    const { md5, state, ...summary } = summarize(await convert(paths, { name: WHOLE.name, bytes }))
    assert.deepEqual([state, reasonToKeep({ md5, state, ...summary }, md5)], ['salvaged', reason])
  }
})

test('compares a tarball that an earlier version converted with the lake before removing it', async t => {
  const paths = await dataFolder(t)
  const { unread, ...whole } = await convert(paths, WHOLE)
  await writeManifest(paths, NIGHT, whole)
  await removeTarball(paths, NIGHT, whole)
  assert.equal(existsSync(paths.tarball(NIGHT)), false)

  const { objectId } = WHOLE.alerts[0]?.values ?? assert.fail()
  const differing = makeNight({
    night: NIGHT.date,
    alerts: 6,
    edit: values => ({ ...values, objectId: `${objectId}x` }),
  })
  const tarball = repacked(WHOLE, [...membersOf(WHOLE), ...membersOf(differing).slice(0, 1)])
  const manifest = await convert(paths, tarball)
  // As an earlier version recorded it, which did not compare the duplicates.
  const { unread: _, ...earlier } = {
    ...manifest,
    ...{ damaged: 0, damagedPackets: [], duplicates: 1, duplicateCandids: [String(WHOLE.alerts[0]?.values.candid)] },
  }
  await rm(paths.badPackets(NIGHT), { recursive: true })
  await writeManifest(paths, NIGHT, earlier)
  await assert.rejects(removeTarball(paths, NIGHT, earlier), /^Error: an earlier version converted it, and .* DEEP=1/)
  assert.ok(existsSync(paths.tarball(NIGHT)))
  const salvaged = { ...summarize(earlier), state: 'salvaged' } as const
  assert.match(reasonToKeep(salvaged, salvaged.md5) ?? '', /^an earlier version converted it/)
})

test('computes the MD5 of a salvaged tarball before removing it, because earlier versions believed its receipt', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, CUT)
  const night = nightOf(CUT.name)
  const listed = { ...manifest, md5: 'f'.repeat(32) }
  await writeManifest(paths, night, listed)
  await writeReceipt(paths, night, paths.tarball(night), undefined, listed.md5)
  await assert.rejects(removeTarball(paths, night, listed), {
    message: `its MD5 is ${manifest.md5}, but its night in the lake was converted from a tarball with the MD5 ${listed.md5}: run make lake to convert it, or delete it`,
  })
  assert.equal((await readReceipt(paths, night))?.md5, manifest.md5)
})

test('removes a tarball and its receipt', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  await removeTarball(paths, NIGHT, manifest)
  assert.deepEqual([paths.tarball(NIGHT), paths.receipt(NIGHT)].map(existsSync), [false, false])
})

test('removes the tarball of a moved night, whose files were verified before they were removed', async t => {
  const paths = await dataFolder(t)
  await convert(paths, WHOLE)
  const moved = await move(paths, WHOLE)
  assert.equal(reasonToKeep(summarize(moved), undefined), undefined)
  await removeTarball(paths, NIGHT, moved)
  assert.equal(existsSync(paths.tarball(NIGHT)), false)
})

test('keeps the tarball of a moved night that an earlier version converted, since they cannot be compared', async t => {
  const paths = await dataFolder(t)
  await convert(paths, WHOLE)
  const { unread, ...earlier } = await move(paths, WHOLE)
  assert.equal(
    reasonToKeep(summarize(earlier), undefined),
    `an earlier version converted it, and its alerts, which were moved to ${ADDRESS}, cannot be compared with it here`,
  )
})

test('removes only the link if the tarball is one', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  const target = join(paths.data, 'own.tar.gz')
  await unlink(paths.tarball(NIGHT))
  await writeFile(target, WHOLE.bytes)
  await symlink(target, paths.tarball(NIGHT))
  await removeTarball(paths, NIGHT, manifest)
  assert.equal(existsSync(paths.tarball(NIGHT)), false)
  assert.ok((await readFile(target)).equals(WHOLE.bytes))
})

test('keeps a tarball other than the converted one', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  await writeFile(paths.tarball(NIGHT), makeNight({ night: NIGHT.date, alerts: 7 }).bytes)
  const md5 = await md5Of(paths.tarball(NIGHT))
  await assert.rejects(removeTarball(paths, NIGHT, manifest), {
    message:
      `its MD5 is ${md5}, but its night in the lake was converted from a tarball with the MD5 ${manifest.md5}: ` +
      `run make lake to convert it, or delete it`,
  })
  assert.ok(existsSync(paths.tarball(NIGHT)))
})

test('keeps a tarball if the lake has an unexpected file of its night', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  await writeManifest(paths, NIGHT, { ...manifest, files: [] })
  const recorded = (await readManifest(paths, NIGHT)) ?? assert.fail()
  await assert.rejects(removeTarball(paths, NIGHT, recorded), /-0000\.parquet is not in the manifest/)
  assert.ok(existsSync(paths.tarball(NIGHT)))
})

test('flushes the candidates file before its rename, and its folders before the tarball is removed', async t => {
  const paths = await dataFolder(t)
  const log = logSyncs(t)
  const target = paths.candidatesFile(NIGHT)
  const manifest = await convert(paths, WHOLE)
  const renamed = log.findIndex(line => line.startsWith('rename ') && line.endsWith(` ${target}`))
  const [, staged] = log[renamed]?.split(' ') ?? assert.fail()
  assert.ok(log.slice(0, renamed).includes(`sync ${staged}`))
  log.length = 0
  await removeTarball(paths, NIGHT, manifest)
  const flushed = log.slice(0, log.indexOf(`unlink ${paths.tarball(NIGHT)}`))
  for (let folder = dirname(target); folder !== paths.data; folder = dirname(folder))
    assert.ok(flushed.includes(`sync ${folder}`), folder)
})
