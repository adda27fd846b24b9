import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { writeUrlLists } from '../../lib/archive/url-lists.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import { nightOf } from '../support/data-folder.ts'
import { DAMAGED, FIRST, LAST, listAll, makeLake, parquetOf, script } from '../support/five-nights.ts'
import { bytesBelow } from '../support/lake-bytes.ts'

test('reports only the night with a missing, changed, cut or swapped file, and restores it', async t => {
  const paths = await makeLake(t)
  const before = await bytesBelow(paths.lake)
  const packet = (await readManifest(paths, DAMAGED))?.damagedPackets[0]?.kept?.name ?? assert.fail()
  const damages: [night: Night, path: string, damage: (path: string, bytes: Buffer) => Promise<void>][] = [
    [LAST, await parquetOf(paths, LAST), path => rm(path)],
    [FIRST, paths.manifest(FIRST), (path, bytes) => writeFile(path, bytes.fill('x', 20, 21))],
    [DAMAGED, join(paths.badPackets(DAMAGED), packet), (path, bytes) => writeFile(path, bytes.subarray(5))],
    [FIRST, await parquetOf(paths, FIRST), async path => cp(await parquetOf(paths, LAST), path)],
  ]
  for (const [{ stem }, path, damage] of damages) {
    await damage(path, await readFile(path))
    const { status, out } = await script('check', paths)
    assert.deepEqual([status, [...out.matchAll(/^FAILED +(\S+)/gm)].map(([, stem]) => stem)], [1, [stem]], path)
    assert.equal((await script('repair', paths)).status, 0)
    assert.ok(!existsSync(join(paths.manifests, `${stem}.json`)))
    assert.equal((await script('lake', paths)).status, 0)
    assert.deepEqual(await bytesBelow(paths.lake), before, path)
  }
})

test('names a broken manifest, which stops neither the status nor other nights', async t => {
  const paths = await makeLake(t)
  await writeFile(paths.manifest(FIRST), '{')
  const status = await script('status', paths)
  assert.equal(status.status, 0)
  assert.match(status.out, new RegExp(`^broken +${paths.manifest(FIRST)} is corrupt: [^\n]+: run make repair$`, 'm'))
  const ran = await script('lake', paths, { KEEP_TARS: 'no' })
  assert.deepEqual(
    [ran.status, ran.out.match(/^FAILED /gm)?.length, ran.out.match(/tarball removed$/gm)?.length],
    [1, 1, 4],
  )
  assert.match(ran.out, new RegExp(`^FAILED +${FIRST.stem} +${paths.manifest(FIRST)} is corrupt: `, 'm'))
  assert.ok(existsSync(paths.tarball(FIRST)))
})

test('refuses nights that are not in the lake', async t => {
  const paths = await makeLake(t)
  const { status, err } = await script('repair', paths, { NIGHTS: '2017' })
  assert.equal(status, 1)
  assert.match(err, /^error: \S+ has none of the selected nights: is its disk mounted, and is NIGHTS right\?\n$/)
})

test('moves a manifest away that is broken or of another night if its night has no files and no source', async t => {
  const paths = await makeLake(t)
  const [broken, foreign] = ['20180801', '20180802'].map(date => nightOf(`ztf_public_${date}.tar.gz`)) as [Night, Night]
  await writeFile(paths.manifest(broken), '{')
  await cp(paths.manifest(LAST), paths.manifest(foreign))
  const { status, out } = await script('repair', paths)
  assert.equal(status, 0, out)
  for (const { stem } of [broken, foreign])
    assert.ok(existsSync(join(paths.orphans, 'lake/_manifest', `${stem}.json`)), out)
  assert.equal((await script('check', paths)).status, 0)
})

test('repairs selected nights only, from disk or from the archive', async t => {
  const paths = await makeLake(t)
  for (const night of [FIRST, LAST]) await rm(paths.partition(night), { recursive: true })
  await rm(paths.tarball(FIRST))
  assert.equal((await script('check', paths, { NIGHTS: '2020' })).status, 0)
  assert.match((await script('repair', paths, { NIGHTS: '2021' })).out, /^1 night to be converted again: 1 from/m)
  assert.deepEqual([existsSync(paths.manifest(LAST)), existsSync(paths.manifest(FIRST))], [false, true])
  const unlisted = await script('repair', paths)
  assert.match(
    unlisted.out,
    /^1 night to be converted again: 1 from the tarballs on disk \(make lake\), 0 to be downloaded first /m,
  )
  assert.match(unlisted.out, new RegExp(`^kept +${FIRST.stem} +as it is: [^\n]+$`, 'm'))
  assert.match(unlisted.err, /^error: 1 night cannot be converted again: [^\n]+\n$/)
  assert.ok(existsSync(paths.manifest(FIRST)))
  await listAll(paths)
  // In no URL list, as after make uris NIGHTS=2021, so make download would not fetch it.
  await writeUrlLists(join(paths.data, 'uris'), [], 5)
  assert.match((await script('repair', paths)).out, new RegExp(`^kept +${FIRST.stem} `, 'm'))
  assert.ok(existsSync(paths.manifest(FIRST)))
  await listAll(paths)
  const { out } = await script('repair', paths)
  assert.match(
    out,
    /^1 night to be converted again: 0 from the tarballs on disk \(make lake\), 1 to be downloaded first \(make download\)$/m,
  )
})

test('names a damaged listing before it checks or changes anything', async t => {
  const paths = await makeLake(t)
  await rm(paths.partition(FIRST), { recursive: true })
  await rm(paths.tarball(FIRST))
  await listAll(paths)
  const listing = join(paths.data, 'uris/listing.tsv')
  await writeFile(listing, 'noise')
  const { status, out, err } = await script('repair', paths)
  const message = `error: ${listing} is damaged in line 1: run make uris, which writes it again\n`
  assert.deepEqual([status, out, err], [1, '', message])
  assert.ok(existsSync(paths.manifest(FIRST)))
})

test('keeps a night whose check is killed twice, and checks the others', async t => {
  const paths = await makeLake(t)
  const die = pathToFileURL(join(import.meta.dirname, '../support/die.mjs')).href
  const dying = { NODE_OPTIONS: `--import ${die}`, DIE_AT_CHECK: LAST.stem, WORKERS: '1' }
  await writeFile(paths.manifest(FIRST), '')
  const { status, out, err } = await script('repair', paths, dying)
  assert.equal(status, 1)
  assert.match(out, new RegExp(`^FAILED +${LAST.stem} +it was not checked: its worker process died twice: `, 'm'))
  assert.match(err, /^error: 1 night could not be checked, and stay/)
  assert.deepEqual([existsSync(paths.manifest(LAST)), existsSync(paths.manifest(FIRST))], [true, false])
  const once = { ...dying, DIE_ONCE: join(paths.data, 'died') }
  assert.deepEqual((await script('check', paths, once)).out.match(/^FAILED +\S+/gm), [`FAILED    ${FIRST.stem}`])
  assert.ok(existsSync(once.DIE_ONCE))
})
