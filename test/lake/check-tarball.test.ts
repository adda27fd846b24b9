import assert from 'node:assert/strict'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { nightFaults } from '../../lib/lake/check-night.ts'
import { tarballFaults } from '../../lib/lake/check-tarball.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { fileOf, forge, NIGHT, threeFiles } from '../support/forged-night.ts'
import { makeNight } from '../support/night.ts'

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

test('reports another tarball than the converted one, and skips a missing one', async t => {
  const { paths } = await threeFiles(t)
  await writeFile(paths.tarball(NIGHT), makeNight({ night: NIGHT.date, alerts: 3 }).bytes)
  const [fault = ''] = (await compared(paths)) ?? []
  assert.match(fault, /^\S+\.tar\.gz has the MD5 [0-9a-f]{32}, expected [0-9a-f]{32} as in the manifest$/)
  await rm(paths.tarball(NIGHT))
  assert.equal(await compared(paths), undefined)
})

async function compared(paths: Paths): Promise<string[] | undefined> {
  return tarballFaults(paths, NIGHT, (await readManifest(paths, NIGHT)) ?? assert.fail())
}
