import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { glob } from '../../lib/core/files.ts'
import { readFailure } from '../../lib/nights/failures.ts'
import { inLake } from '../../lib/nights/inventory.ts'
import type { Paths } from '../../lib/paths.ts'
import { makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { dataFolder, nightOf } from '../support/data-folder.ts'
import { type Ran, runScript } from '../support/run.ts'

const DIE = pathToFileURL(join(import.meta.dirname, 'support/die.mjs')).href

test('of a job whose process is killed only the night that killed it is reported, the others land', async t => {
  const paths = await dataFolder(t)
  const nights = await tarballs(paths)
  const stem = 'ztf_public_20210405'
  // Nine small nights and one worker: all in one job.
  const ran = await lake(paths, nights, { NODE_OPTIONS: `--import ${DIE}`, DIE_AT: stem })
  assert.equal(ran.status, 1)
  assert.match(ran.out, new RegExp(`^FAILED +${stem} +the process at work on it died twice: [^\n]*$`, 'm'))
  assert.match(ran.err, new RegExp(`^error: 1 night failed \\(${stem}\\): make lake tries again\n$`))
  await landed(paths, ran, nights, [stem])
  assert.match((await readFailure(paths, nightOf(`${stem}.tar.gz`))) ?? '', /^the process at work/)

  const again = await lake(
    paths,
    nights.filter(({ name }) => name.startsWith(stem)),
  )
  assert.deepEqual([again.status, again.err], [0, ''])
  assert.equal(await readFailure(paths, nightOf(`${stem}.tar.gz`)), undefined)
  assert.equal((await inLake(paths, () => true)).length, nights.length)
})

for (const [what, env] of Object.entries({ 'is killed': {}, 'has a panic of wasm': { PANIC: '1' } })) {
  const stem = 'ztf_public_20210405'
  test(`a night whose process ${what} once lands at the second try, and nothing is said of it`, async t => {
    const paths = await dataFolder(t)
    const nights = await tarballs(paths)
    const once = { NODE_OPTIONS: `--import ${DIE}`, DIE_AT: stem, DIE_ONCE: join(paths.data, 'died'), ...env }
    const ran = await lake(paths, nights, once)
    assert.deepEqual([ran.status, ran.err], [0, ''])
    assert.ok(existsSync(once.DIE_ONCE))
    await landed(paths, ran, nights, [])
  })

  test(`a night whose process ${what} twice is reported, and tried no third time`, async t => {
    const paths = await dataFolder(t)
    const nights = await tarballs(paths)
    const ran = await lake(paths, nights, { NODE_OPTIONS: `--import ${DIE}`, DIE_AT: stem, ...env })
    assert.equal(ran.status, 1)
    assert.match(ran.out, new RegExp(`^FAILED +${stem} +the process at work on it died twice: [^\n]*$`, 'm'))
    await landed(paths, ran, nights, [stem])
  })
}

test('a night that landed before its process died is told of as landed, though its tarball is gone', async t => {
  const paths = await dataFolder(t)
  const nights = await tarballs(paths)
  const stem = 'ztf_public_20210405'
  const ran = await lake(paths, nights, { NODE_OPTIONS: `--import ${DIE}`, DIE_AT: stem, KEEP_TARS: 'no' })
  assert.equal(ran.status, 1)
  await landed(paths, ran, nights, [stem])
  assert.deepEqual(await glob(paths.tarballs, '*.tar.gz'), [`${stem}.tar.gz`])
})

test('of a job with a tarball that is none only that night fails, the others land', async t => {
  const paths = await dataFolder(t)
  const nights = await tarballs(paths)
  const stem = 'ztf_public_20210402'
  await writeFile(join(paths.tarballs, `${stem}.tar.gz`), '<html>this is a page of the portal</html>'.repeat(2000))
  const ran = await lake(paths, nights)
  assert.equal(ran.status, 1)
  assert.match(ran.out, new RegExp(`^FAILED +${stem} +it was not converted: [^\n]+$`, 'm'))
  await landed(paths, ran, nights, [stem])
})

async function tarballs(paths: Paths): Promise<SyntheticNight[]> {
  const nights = Array.from({ length: 9 }, (_, i) => makeNight({ night: `2021040${i + 1}`, alerts: 3 }))
  for (const { name, bytes } of nights) await writeFile(join(paths.tarballs, name), bytes)
  return nights
}

function lake(paths: Paths, nights: readonly SyntheticNight[], env: Record<string, string> = {}): Promise<Ran> {
  const settings = { DATA: paths.data, URIS: join(paths.data, 'uris'), WORKERS: '1' }
  return runScript(
    'lake',
    { ...settings, ...env },
    nights.map(({ name }) => nightOf(name).stem),
  )
}

/** Asserts that all nights but those are in the lake, each told of once. */
async function landed(paths: Paths, { out }: Ran, nights: readonly SyntheticNight[], failed: string[]): Promise<void> {
  const stems = nights.map(({ name }) => nightOf(name).stem).filter(stem => !failed.includes(stem))
  assert.deepEqual(
    (await inLake(paths, () => true)).map(({ stem }) => stem),
    stems,
  )
  const told = [...out.matchAll(/^(?:converted|FAILED) +(\S+)/gm)].map(([, stem]) => stem)
  assert.deepEqual(told.sort(), [...stems, ...failed].sort())
  assert.match(out, new RegExp(`^${stems.length} nights into the lake, ${3 * stems.length} alerts: `, 'm'))
}
