import assert from 'node:assert/strict'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readReceipt, writeReceipt } from '../../lib/archive/receipts.ts'
import { query } from '../../lib/core/duckdb.ts'
import { nightFaults } from '../../lib/lake/check-night.ts'
import { tarballFaults } from '../../lib/lake/check-tarball.ts'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { flipBit, rot, zeroBlock } from '../support/bit-rot.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { fileOf, forge, NIGHT, TARBALL, threeFiles } from '../support/forged-night.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'
import { hash } from '../support/tarballs.ts'

test('reports one changed value, although manifest and checksums agree with it', async t => {
  const { paths, manifest } = await threeFiles(t)
  assert.deepEqual(await compared(paths), [])
  const forged = fileOf(paths, NIGHT, manifest, 2)
  const [{ candid } = {}] = await query(`select max(candid) as candid from '${forged}'`)
  const changed = `struct_update(candidate, magpsf := candidate.magpsf + (candid = ${candid})::int::float)`
  await forge(paths, 2, `select * replace (${changed} as candidate) from file`)
  const agreeing = (await readManifest(paths, NIGHT)) ?? assert.fail()
  assert.deepEqual(await nightFaults(paths, NIGHT, agreeing), [])
  assert.deepEqual(await compared(paths), [`its alert ${candid} differs from its tarball`])
  assert.deepEqual(await readdir(paths.staging), [])
})

test('reports missing and additional alerts', async t => {
  const { paths, manifest } = await threeFiles(t)
  const [{ least } = {}] = await query(`select min(candid) as least from '${fileOf(paths, NIGHT, manifest, 1)}'`)
  const other = `select * replace (case when candid = ${least} then 7 else candid end as candid) from file`
  await forge(paths, 1, other)
  assert.deepEqual(await compared(paths), ['its alert 7 is not in its tarball', `its alert ${least} is missing`])
})

test('accepts other bytes with the same alerts', async t => {
  const { paths } = await threeFiles(t)
  for (const i of [0, 1, 2]) await forge(paths, i, 'from file')
  assert.deepEqual(await compared(paths), [])
})

test('compares the records of a moved night, and its files as far as its manifest tells', async t => {
  const { paths } = await threeFiles(t)
  const moved = await move(paths, TARBALL)
  assert.deepEqual(await compared(paths), [])
  const others = moved.files.map(file => ({ ...file, sha256: 'f'.repeat(64) }))
  await writeManifest(paths, NIGHT, { ...moved, files: others })
  assert.deepEqual(await compared(paths), [
    `its files, which were moved to ${ADDRESS}, are not those that its tarball gives`,
  ])
  // Another version may write other bytes, and its alerts are not here to be compared.
  await writeManifest(paths, NIGHT, { ...moved, files: others, writer: 'ztf-lake 0.0.0' })
  assert.deepEqual(await compared(paths), [])
  await writeManifest(paths, NIGHT, { ...moved, tarBytes: 1 })
  assert.match((await compared(paths))?.join() ?? '', /^\S+ has 1 as tarBytes, expected \d+$/)
})

test('says to run make lake for another tarball, whose receipt it corrects, and skips a missing one', async t => {
  const { paths, manifest } = await threeFiles(t)
  const other = makeNight({ night: NIGHT.date, alerts: 3 }).bytes
  await writeFile(paths.tarball(NIGHT), other)
  await writeReceipt(paths, NIGHT, paths.tarball(NIGHT), undefined, manifest.md5)
  const md5 = hash('md5', other)
  const tarball = `${paths.tarball(NIGHT)} has the MD5 ${md5}, expected ${manifest.md5}: run make lake, which converts it, or moves it away if the archive lists the converted one`
  assert.deepEqual(await tarballFaults(paths, NIGHT, manifest), { night: [], tarball })
  assert.equal((await readReceipt(paths, NIGHT))?.md5, md5)
  await rm(paths.tarball(NIGHT))
  assert.equal(await tarballFaults(paths, NIGHT, manifest), undefined)
})

test('finds no fault in a night whose tarball has been compressed again', async t => {
  const { paths, manifest } = await threeFiles(t)
  await writeFile(paths.tarball(NIGHT), gzipSync(gunzipSync(TARBALL.bytes), { level: 1 }))
  const { night, tarball } = (await tarballFaults(paths, NIGHT, manifest)) ?? assert.fail()
  assert.deepEqual([night, tarball?.includes(': run make lake, ')], [[], true])
})

for (const damage of [flipBit, zeroBlock, (bytes: Buffer) => void bytes.fill(1)])
  test(`says to delete a tarball that was damaged after its conversion: ${damage.name}`, async t => {
    const { paths, manifest } = await threeFiles(t)
    const md5 = hash('md5', await rot(paths.tarball(NIGHT), damage))
    const { night, tarball = '' } = (await tarballFaults(paths, NIGHT, manifest)) ?? assert.fail()
    assert.deepEqual(night, [])
    assert.match(tarball, new RegExp(`^\\S+ has the MD5 ${md5}, expected ${manifest.md5}: it is damaged: delete it, `))
  })

test('finds a night that was converted from a damaged tarball under the MD5 of its receipt', async t => {
  const paths = await dataFolder(t)
  const { md5, ...rest } = await convert(paths, { ...TARBALL, bytes: TARBALL.bytes.subarray(0, 9000) })
  const manifest = { ...rest, md5: 'f'.repeat(32) }
  await writeReceipt(paths, NIGHT, paths.tarball(NIGHT), undefined, manifest.md5)
  const fault = `${paths.tarball(NIGHT)} has the MD5 ${md5}, expected ${manifest.md5}, but the night was converted from it`
  assert.deepEqual(await tarballFaults(paths, NIGHT, manifest), { night: [fault] })
})

/** Faults of the night in the lake. */
async function compared(paths: Paths): Promise<readonly string[] | undefined> {
  return (await tarballFaults(paths, NIGHT, (await readManifest(paths, NIGHT)) ?? assert.fail()))?.night
}
