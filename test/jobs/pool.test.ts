// Runs lake.js, whose worker processes are killed at one of the nights.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { glob } from '../../lib/core/files.ts'
import { readFailure } from '../../lib/nights/failures.ts'
import { inLake } from '../../lib/nights/inventory.ts'
import type { Paths } from '../../lib/paths.ts'
import { dataFolder, nightOf } from '../support/data-folder.ts'
import { makeNight } from '../support/night.ts'
import { type Ran, runScript } from '../support/run.ts'

const STEMS = ['ztf_public_20210401', 'ztf_public_20210402', 'ztf_public_20210403']
const BAD = 'ztf_public_20210402'
const NIGHT = nightOf(`${BAD}.tar.gz`)
const DIE = pathToFileURL(join(import.meta.dirname, '../support/die.mjs')).href
const DYING = { NODE_OPTIONS: `--import ${DIE}`, DIE_AT: BAD }

test('fails only the night whose process is killed, and a rerun converts it', async t => {
  const paths = await threeNights(t)
  const ran = await lake(paths, DYING)
  assert.equal(ran.status, 1)
  assert.match(ran.out, new RegExp(`^FAILED +${BAD} +its worker process died twice: [^\n]*$`, 'm'))
  assert.match(ran.err, new RegExp(`^error: 1 night failed \\(${BAD}\\): run make lake again\n$`))
  await assertConverted(paths, ran, [BAD])
  assert.match((await readFailure(paths, NIGHT)) ?? '', /^its worker process died twice/)

  const again = await lake(paths)
  assert.deepEqual([again.status, again.err], [0, ''])
  assert.equal(await readFailure(paths, NIGHT), undefined)
  assert.equal((await inLake(paths, () => true)).length, STEMS.length)
})

for (const [what, env] of Object.entries({ 'is killed': {}, 'has a wasm panic': { PANIC: '1' } }))
  test(`converts a night whose process ${what} once at the second attempt, without a message`, async t => {
    const paths = await threeNights(t)
    const once = { ...DYING, ...env, DIE_ONCE: join(paths.data, 'died') }
    const ran = await lake(paths, once)
    assert.deepEqual([ran.status, ran.err], [0, ''])
    assert.ok(existsSync(once.DIE_ONCE))
    await assertConverted(paths, ran, [])
  })

test('fails a night whose process has a wasm panic twice', async t => {
  const paths = await threeNights(t)
  const ran = await lake(paths, { ...DYING, PANIC: '1' })
  assert.equal(ran.status, 1)
  assert.match(ran.out, new RegExp(`^FAILED +${BAD} +its worker process died twice: [^\n]*$`, 'm'))
  await assertConverted(paths, ran, [BAD])
})

test('reports a night that was converted before its process died, although its tarball is removed', async t => {
  const paths = await threeNights(t)
  const ran = await lake(paths, { ...DYING, KEEP_TARS: 'no' })
  assert.equal(ran.status, 1)
  await assertConverted(paths, ran, [BAD])
  assert.deepEqual(await glob(paths.tarballs, '*.tar.gz'), [NIGHT.name])
})

test('fails only the night whose file is not a tarball', async t => {
  const paths = await threeNights(t)
  await writeFile(paths.tarball(NIGHT), '<html>this is a page of the portal</html>'.repeat(2000))
  const ran = await lake(paths)
  assert.equal(ran.status, 1)
  assert.match(ran.out, new RegExp(`^FAILED +${BAD} +it was not converted: [^\n]+$`, 'm'))
  await assertConverted(paths, ran, [BAD])
})

/** Puts three small nights on disk: a single worker gets them all in one job. */
async function threeNights(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const stem of STEMS) {
    const { name, bytes } = makeNight({ night: stem.slice(-8), alerts: 3 })
    await writeFile(join(paths.tarballs, name), bytes)
  }
  return paths
}

function lake(paths: Paths, env: Record<string, string> = {}): Promise<Ran> {
  return runScript('lake', { DATA: paths.data, URIS: join(paths.data, 'uris'), WORKERS: '1', ...env })
}

/** Asserts that all nights but the failed ones are in the lake, and that each has one line. */
async function assertConverted(paths: Paths, { out }: Ran, failed: string[]): Promise<void> {
  const converted = STEMS.filter(stem => !failed.includes(stem))
  const found = await inLake(paths, () => true)
  assert.deepEqual(
    found.map(({ stem }) => stem),
    converted,
  )
  const printed = [...out.matchAll(/^(?:converted|FAILED) +(\S+)/gm)].map(([, stem]) => stem)
  assert.deepEqual(printed.sort(), STEMS)
  assert.match(out, new RegExp(`^${converted.length} nights into the lake, ${3 * converted.length} alerts: `, 'm'))
}
