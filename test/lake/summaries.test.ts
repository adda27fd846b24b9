import assert from 'node:assert/strict'
import { appendFile, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { type Manifest, readManifest, seal, unseal, writeManifest } from '../../lib/lake/manifest.ts'
import { type NightSummary, readSummaries, summarize, updateSummaries } from '../../lib/lake/summaries.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { breakManifest, manifestOf, nightAt } from '../support/night-files.ts'

const NIGHTS = ['20191003', '20191004', '20200101'].map(nightAt) as [Night, Night, Night]
const [FIRST] = NIGHTS
const ABSENT = nightAt('20210101')

test('summarizes manifests, with and without a cache', async t => {
  const paths = await dataFolder(t)
  const damagedPackets = Array.from({ length: 5 }, (_, i) => ({ member: `${i}.avro`, reason: 'it is cut' }))
  const tarballs = [makeNight({ night: '20191003', alerts: 7, duplicates: [1] }), emptyNight('20191004', 'tar')]
  for (const tarball of tarballs) await convert(paths, tarball, { alertsPerFile: 3 })
  await writeManifest(paths, nightAt('20200101'), manifestOf(nightAt('20200101'), { damaged: 5, damagedPackets }))
  const expected: (NightSummary | undefined)[] = []
  for (const night of [...NIGHTS, ABSENT]) {
    const manifest = await readManifest(paths, night)
    expected.push(manifest && summarize(manifest))
  }
  assert.deepEqual(
    expected.map(summary => [summary?.alerts, summary?.files, summary?.damagedPackets.length]),
    [
      [7, 3, 0],
      [0, 0, 0],
      [10, 1, 3],
      [undefined, undefined, undefined],
    ],
  )
  const { files } = (await readManifest(paths, nightOf(tarballs[0]?.name ?? ''))) as Manifest
  assert.equal(
    expected[0]?.lakeBytes,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  assert.ok(!('duplicateCandids' in (expected[0] ?? {})))
  assert.deepEqual(await readSummaries(paths, [...NIGHTS, ABSENT]), expected)
  await updateSummaries(paths, NIGHTS)
  assert.deepEqual(await readSummaries(paths, [...NIGHTS, ABSENT]), expected)
})

test('reads no manifest that the cache knows', async t => {
  const { paths, alerts } = await cachedNights(t)
  await editCache(paths, text => text.replaceAll('"alerts": 10', '"alerts": 77'))
  assert.deepEqual(await alerts(), [77, 77, 77])
})

test('does not use a cache of another version of the writer, or a corrupt one', async t => {
  const { paths, alerts } = await cachedNights(t)
  await editCache(paths, text =>
    text.replaceAll('"alerts": 10', '"alerts": 77').replace(/"writer": "[^"]*"/, '"writer": "ztf-lake 9.9.9"'),
  )
  assert.deepEqual(await alerts(), [10, 10, 10])
  await updateSummaries(paths, NIGHTS)
  await appendFile(paths.summaries, ' ')
  assert.deepEqual(await alerts(), [10, 10, 10])
  await writeFile(paths.summaries, '{')
  assert.deepEqual(await alerts(), [10, 10, 10])
})

test('notices a manifest that was replaced, also by one of the same size and time', async t => {
  const { paths, alerts } = await cachedNights(t)
  const { size } = await stat(paths.manifest(FIRST))
  await writeManifest(paths, FIRST, manifestOf(FIRST, { alerts: 11 }))
  assert.equal((await stat(paths.manifest(FIRST))).size, size)
  assert.deepEqual(await alerts(), [11, 10, 10])
  // In whole milliseconds, which can be restored.
  await utimes(paths.manifest(FIRST), 1_700_000_000, 1_700_000_000)
  await updateSummaries(paths, NIGHTS)
  await writeManifest(paths, FIRST, manifestOf(FIRST, { alerts: 12 }))
  await utimes(paths.manifest(FIRST), 1_700_000_000, 1_700_000_000)
  assert.deepEqual(await alerts(), [12, 10, 10])
  await updateSummaries(paths, NIGHTS)
  assert.deepEqual(await alerts(), [12, 10, 10])
})

test('notices a manifest that was deleted, broken or changed in place', async t => {
  const { paths, read, alerts } = await cachedNights(t)
  const path = paths.manifest(FIRST)
  await rename(path, `${path}.away`)
  assert.deepEqual(await alerts(), [undefined, 10, 10])
  await rename(`${path}.away`, path)
  const text = await readFile(path, 'utf8')
  for (const broken of [text.replace('"alerts": 10', '"alerts": 11'), text.slice(5), '']) {
    await writeFile(path, broken)
    const [first, second] = await read()
    assert.match(first instanceof Error ? first.message : '', /20191003\.json is corrupt: .*: run make repair$/)
    assert.ok(second && !(second instanceof Error))
    await updateSummaries(paths, NIGHTS)
    assert.ok((await read())[0] instanceof Error)
  }
  await rm(path)
  assert.deepEqual(await alerts(), [undefined, 10, 10])
})

test('drops nights that are no longer in the lake, and writes nothing if nothing changed', async t => {
  const { paths } = await cachedNights(t)
  const { ino } = await stat(paths.summaries)
  await updateSummaries(paths, NIGHTS)
  assert.equal((await stat(paths.summaries)).ino, ino)
  await breakManifest(paths, FIRST)
  await updateSummaries(paths, NIGHTS)
  assert.deepEqual(Object.keys(cacheOf(await readFile(paths.summaries, 'utf8')).nights), [
    'ztf_public_20191004',
    'ztf_public_20200101',
  ])
  await updateSummaries(paths, [])
  assert.deepEqual(cacheOf(await readFile(paths.summaries, 'utf8')).nights, {})
})

/** Writes three manifests, and the cache of them. */
async function cachedNights(t: TestContext) {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await writeManifest(paths, night, manifestOf(night))
  await updateSummaries(paths, NIGHTS)
  const read = () => readSummaries(paths, NIGHTS)
  const alerts = async () =>
    (await read()).map(summary => (summary instanceof Error ? summary.message : summary?.alerts))
  return { paths, read, alerts }
}

function cacheOf(text: string): { nights: object } {
  return unseal(text) ?? assert.fail('the cache is corrupt')
}

async function editCache(paths: Paths, edit: (text: string) => string): Promise<void> {
  const text = await readFile(paths.summaries, 'utf8')
  assert.notEqual(edit(text), text)
  await writeFile(paths.summaries, seal(JSON.parse(edit(JSON.stringify(cacheOf(text), null, 1)))))
}
