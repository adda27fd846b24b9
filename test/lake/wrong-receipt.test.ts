// Tarballs whose bytes are not those that their receipts were written for.
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readReceipt, verifiedReceipt, writeReceipt } from '../../lib/archive/receipts.ts'
import type { Revision } from '../../lib/archive/revision.ts'
import { convertNight } from '../../lib/lake/convert.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { flipBit, rot, zeroBlock } from '../support/bit-rot.ts'
import { dataFolder, nightOf, SETTINGS } from '../support/data-folder.ts'
import { parquetFiles } from '../support/lake-reader.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { packTar } from '../support/tar.ts'
import { hash, membersOf } from '../support/tarballs.ts'

const WHOLE = makeNight({ night: '20191003', alerts: 12 })
const NIGHT = nightOf(WHOLE.name)
const MD5 = hash('md5', WHOLE.bytes)
const LISTED: Revision = { md5: MD5, bytes: WHOLE.bytes.length, modified: '2019-10-03 07:22' }
const FALSE = 'f'.repeat(32)

const DAMAGES: Record<string, (bytes: Buffer) => void> = {
  'one bit flipped': flipBit,
  'a block of zeros': zeroBlock,
  'a damaged start, so that it is not gzipped': bytes => void bytes.writeUInt8(0x1e),
  'nothing but zeros, as an empty night': bytes => void bytes.fill(0),
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  test(`quarantines a listed tarball with ${what} since its download`, async t => {
    const paths = await downloaded(t, LISTED)
    const bytes = await rot(paths.tarball(NIGHT), damage)
    await assert.rejects(convertNight(paths, NIGHT, SETTINGS, LISTED), {
      message: `its MD5 is ${hash('md5', bytes)}, but the archive lists ${MD5}: moved to ${join(paths.orphans, 'tarballs', NIGHT.name)}, run make download`,
    })
    await assertNothingPublished(paths)
    assert.deepEqual(await readFile(join(paths.orphans, 'tarballs', NIGHT.name)), bytes)
  })

  test(`quarantines a tarball listed without an MD5 with ${what} since its download`, async t => {
    const listed = { ...LISTED, md5: '' }
    const paths = await downloaded(t, listed)
    const md5 = hash('md5', await rot(paths.tarball(NIGHT), damage))
    await assert.rejects(convertNight(paths, NIGHT, SETTINGS, listed), {
      message: `its MD5 is ${md5}, but was ${MD5} before: moved to ${join(paths.orphans, 'tarballs', NIGHT.name)}, run make download`,
    })
    await assertNothingPublished(paths)
  })
}

test('quarantines a tarball listed without an MD5 that has changed before its receipt was corrected', async t => {
  const listed = { ...LISTED, md5: '' }
  const paths = await downloaded(t, listed)
  const md5 = hash('md5', await rot(paths.tarball(NIGHT), flipBit))
  // A deep check does this, or a conversion that is killed before it moves the tarball.
  await verifiedReceipt(paths, NIGHT)
  await assert.rejects(convertNight(paths, NIGHT, SETTINGS, listed), {
    message: `its MD5 is ${md5}, but was ${MD5} before: moved to ${join(paths.orphans, 'tarballs', NIGHT.name)}, run make download`,
  })
  await assertNothingPublished(paths)
})

for (const damage of [flipBit, zeroBlock])
  test(`publishes an unlisted tarball under its true MD5: ${damage.name}`, async t => {
    const paths = await downloaded(t, undefined)
    const md5 = hash('md5', await rot(paths.tarball(NIGHT), damage))
    const manifest = await convertNight(paths, NIGHT, SETTINGS, undefined)
    assert.deepEqual([manifest.state, manifest.md5], ['salvaged', md5])
    assert.ok(manifest.files.every(({ name }) => name.includes(md5.slice(0, 8))))
    assert.equal((await readReceipt(paths, NIGHT))?.md5, md5)
    assert.deepEqual(await readManifest(paths, NIGHT), manifest)
  })

test('hashes an uncompressed tar again, because nothing else proves its bytes', async t => {
  const paths = await downloaded(t, undefined)
  const { bytes } = packTar(membersOf(WHOLE), { layout: 'ustar' })
  await writeFile(paths.tarball(NIGHT), bytes)
  await writeReceipt(paths, NIGHT, paths.tarball(NIGHT), undefined, FALSE)
  const { state, md5 } = await convertNight(paths, NIGHT, SETTINGS, undefined)
  assert.deepEqual([state, md5], ['whole', hash('md5', bytes)])
})

test('does not hash a gzipped tarball that is whole again, because gzip has proven its bytes', async t => {
  const paths = await downloaded(t, undefined)
  await writeReceipt(paths, NIGHT, paths.tarball(NIGHT), undefined, FALSE)
  assert.equal((await convertNight(paths, NIGHT, SETTINGS, undefined)).md5, FALSE)
})

test('does not quarantine a good tarball because of a wrong receipt', async t => {
  const paths = await downloaded(t, LISTED)
  await writeReceipt(paths, NIGHT, paths.tarball(NIGHT), LISTED, FALSE)
  const { state, md5 } = await convertNight(paths, NIGHT, SETTINGS, LISTED)
  assert.deepEqual([state, md5], ['whole', MD5])
  assert.deepEqual(await readdir(paths.bad).catch(() => []), [])
})

test('does not replace a night in the lake by a damaged or empty tarball of the user', async t => {
  const paths = await downloaded(t, undefined)
  const manifest = await convertNight(paths, NIGHT, SETTINGS, undefined)
  const half = WHOLE.bytes.subarray(0, WHOLE.bytes.length / 2)
  for (const bytes of [half, Buffer.alloc(0), emptyNight(NIGHT.date, 'tar').bytes]) {
    await writeFile(paths.tarball(NIGHT), bytes)
    await assert.rejects(convertNight(paths, NIGHT, SETTINGS, undefined), {
      message:
        /^its? .*, and it has \d+ alerts?, but the lake has 12 of this night, from a tarball .*: delete it, or [^\n]+$/,
    })
    assert.deepEqual(await readManifest(paths, NIGHT), manifest)
  }
})

test('replaces a salvaged night by more of it, whole or not', async t => {
  const paths = await downloaded(t, undefined)
  const found: [string, number][] = []
  for (const part of [0, 0.4, 0.8, 1]) {
    await writeFile(paths.tarball(NIGHT), WHOLE.bytes.subarray(0, WHOLE.bytes.length * part))
    const { state, alerts } = await convertNight(paths, NIGHT, SETTINGS, undefined)
    found.push([state, alerts])
  }
  const [states, alerts] = [found.map(([state]) => state), found.map(([, alerts]) => alerts)]
  assert.deepEqual(states, ['empty', 'salvaged', 'salvaged', 'whole'])
  assert.deepEqual(
    alerts,
    [...new Set(alerts)].sort((a, b) => a - b),
  )
})

/** Puts the tarball on disk, with a receipt of its MD5. */
async function downloaded(t: TestContext, listed: Revision | undefined): Promise<Paths> {
  const paths = await dataFolder(t)
  await writeFile(paths.tarball(NIGHT), WHOLE.bytes)
  await writeReceipt(paths, NIGHT, paths.tarball(NIGHT), listed)
  return paths
}

async function assertNothingPublished(paths: Paths): Promise<void> {
  assert.deepEqual([await readManifest(paths, NIGHT), await parquetFiles(paths)], [undefined, []])
  assert.deepEqual(await readdir(paths.tarballs), ['.md5'])
}
