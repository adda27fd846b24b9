import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { readManifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { assertAlerts, candids, parquetFiles } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { packTar } from '../support/tar.ts'
import { hash, membersOf } from '../support/tarballs.ts'

test('salvages the intact alerts of a cut tar', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200113', alerts: 10, cutTar: { member: 6, bytes: 5000 } })
  const manifest = await convert(paths, night)
  await assertAlerts(paths, night, 6)
  const name = night.alerts[6]?.name
  assert.deepEqual([manifest.state, manifest.salvage], ['salvaged', `its tar is cut inside ${name}`])
})

test('salvages a tar cut exactly between two members', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200113', alerts: 10, cutTar: { member: 6, bytes: 0 } })
  const manifest = await convert(paths, night)
  await assertAlerts(paths, night, 6)
  assert.equal(manifest.state, 'salvaged')
  assert.match(manifest.salvage ?? '', /^its tar has no end-of-archive blocks/)
})

test('salvages the intact alerts of a cut gzip stream', async t => {
  const counts: number[] = []
  for (const cutGzip of [0.25, 0.5, 0.99]) {
    const paths = await dataFolder(t)
    const night = makeNight({ night: '20200202', alerts: 30, cutGzip })
    const manifest = await convert(paths, night)
    await assertAlerts(paths, night)
    assert.equal(manifest.state, 'salvaged')
    assert.match(manifest.salvage ?? '', /^its gzip stream is cut or damaged/)
    counts.push(manifest.alerts)
  }
  assert.ok(counts[0] && counts[1] && counts[2] && counts[0] < counts[1] && counts[1] < counts[2], `${counts}`)
})

test('salvages all members but the one with a damaged header', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 8 })
  const tar = packTar(membersOf(night), { layout: 'ustar' })
  tar.bytes[tar.offsets[3] as number] = 0xee
  const manifest = await convert(paths, { name: night.name, bytes: gzip(tar.bytes) })
  assert.deepEqual([manifest.state, manifest.alerts], ['salvaged', 7])
  assert.match(manifest.salvage ?? '', /^\d+ bytes of its tar belong to no member$/)
  const expected = night.alerts.filter((_, i) => i !== 3).map(({ values }) => values.candid)
  assert.deepEqual(await candids(paths), expected)
})

test('salvages a cut tarball if its md5 is the listed one', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const cut = night.bytes.subarray(0, night.bytes.length / 2)
  const listed = { md5: hash('md5', cut), bytes: night.bytes.length, modified: '' }
  const { state, alerts } = await convert(paths, { name: night.name, bytes: cut }, {}, listed)
  assert.equal(state, 'salvaged')
  assert.ok(alerts > 0 && alerts < 20, String(alerts))
})

for (const [what, bytes] of Object.entries({
  'an HTML page': Buffer.from(
    `<!DOCTYPE html>\n<title>Sorry</title>\n${'<p>The archive is closed today.</p>\n'.repeat(100)}`,
  ),
  'a short HTML page': Buffer.from('<html></html>'),
  'a gzip of an HTML page': gzip(Buffer.from('<p>The archive is closed today.</p>\n'.repeat(100))),
  'a gzip cut in its first member': makeNight({ night: '20200601' }).bytes.subarray(0, 300),
  'a file of random bytes': new Random(1).bytes(5000),
}))
  test(`refuses ${what} in one sentence, and publishes nothing`, async t => {
    const paths = await dataFolder(t)
    const tarball = { name: 'ztf_public_20200601.tar.gz', bytes }
    await assert.rejects(convert(paths, tarball), (error: Error) => {
      assert.match(error.message, /^it has no alerts, and [^\n]{10,150}: delete it and run make download$/)
      return true
    })
    await assertNothingPublished(paths, tarball)
  })

const TAR = gunzipSync(makeNight({ night: '20200601' }).bytes)
for (const [format, bytes] of Object.entries({
  'gzipped twice': gzip(gzip(TAR)),
  'compressed by xz': Buffer.concat([Buffer.from('fd377a585a00', 'hex'), new Random(1).bytes(5000)]),
  'compressed by bzip2': Buffer.concat([Buffer.from('BZh9'), new Random(1).bytes(5000)]),
  'compressed by zstd': Buffer.concat([Buffer.from('28b52ffd', 'hex'), new Random(1).bytes(5000)]),
  'a zip archive': Buffer.concat([Buffer.from('PK\x03\x04'), new Random(1).bytes(300)]),
}))
  test(`does not advise to delete a file that is ${format}`, async t => {
    const paths = await dataFolder(t)
    const tarball = { name: 'ztf_public_20200601.tar.gz', bytes }
    await assert.rejects(convert(paths, tarball), {
      message:
        `it is not a gzipped tar, but ${format}: ` +
        'replace it by a gzip of its tar, or move it away and run make download',
    })
    await assertNothingPublished(paths, tarball)
  })

async function assertNothingPublished(paths: Paths, { name }: Pick<Tarball, 'name'>): Promise<void> {
  assert.equal(await readManifest(paths, nightOf(name)), undefined)
  assert.deepEqual(await parquetFiles(paths), [])
  assert.deepEqual(await readdir(paths.bad).catch(() => []), [])
}
