import assert from 'node:assert/strict'
import fs from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { type TestContext, test } from 'node:test'
import { errnoError } from '../../lib/core/errors.ts'
import { inspectManifest, lakeBytes, type Manifest, readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { makeNight } from '../support/night.ts'

const NIGHT = nightOf('ztf_public_20191003.tar.gz')
const OTHER = nightOf('ztf_public_20210401.tar.gz')

test('reads back the manifest that was written', async t => {
  const { paths, manifest } = await convertedNight(t)
  assert.deepEqual(await readManifest(paths, NIGHT), manifest)
  assert.equal(await readManifest(paths, OTHER), undefined)
})

test('refuses a manifest with any byte changed', async t => {
  const { paths } = await convertedNight(t)
  const text = await readFile(paths.manifest(NIGHT), 'utf8')
  for (const changed of ['', '{', text.slice(1), text.replace('"alerts": 4', '"alerts": 5'), `${text}\n`]) {
    await writeFile(paths.manifest(NIGHT), changed)
    await assert.rejects(readManifest(paths, NIGHT), {
      message: `${paths.manifest(NIGHT)} is corrupt: its content does not match the SHA-256 at its end: run make repair`,
    })
  }
})

test('refuses a manifest that lacks a field, as another version may write it, and names the field', async t => {
  const { paths, manifest } = await convertedNight(t)
  const { candidates, peakMemory, unread, ...needed } = manifest
  await writeManifest(paths, NIGHT, { ...needed, version: 9 } as unknown as Manifest)
  assert.equal((await readManifest(paths, NIGHT))?.md5, manifest.md5)
  for (const field of Object.keys(needed))
    for (const value of [undefined, null]) {
      await writeManifest(paths, NIGHT, { ...manifest, [field]: value })
      assert.deepEqual(await inspectManifest(paths, NIGHT).then(String), `Error: ${sentence(field)}`)
    }
  await writeManifest(paths, NIGHT, { ...manifest, files: {} } as unknown as Manifest)
  await assert.rejects(readManifest(paths, NIGHT), { message: sentence('files') })

  function sentence(field: string): string {
    return `${paths.manifest(NIGHT)} has no valid field "${field}", which this version needs: run make repair`
  }
})

test('refuses the manifest of another night', async t => {
  const { paths } = await convertedNight(t)
  await copyFile(paths.manifest(NIGHT), paths.manifest(OTHER))
  await assert.rejects(readManifest(paths, OTHER), {
    message: `${paths.manifest(OTHER)} is the manifest of ${NIGHT.name}, expected ${OTHER.name}: run make repair`,
  })
})

test('returns a broken manifest as an error, so that other nights are not affected', async t => {
  const { paths, manifest } = await convertedNight(t)
  await writeFile(paths.manifest(OTHER), '{')
  const found = await Promise.all([NIGHT, OTHER].map(night => inspectManifest(paths, night)))
  assert.deepEqual(found[0], manifest)
  assert.match(String(found[1]), /^Error: \S+\.json is corrupt: /)
})

test('returns the error of a manifest that may not be read, so that other nights are not affected', async t => {
  const { paths } = await convertedNight(t)
  t.mock.method(fs.promises, 'readFile', async (path: string) => {
    throw errnoError('EACCES', path)
  })
  syncBuiltinESMExports()
  const found = await inspectManifest(paths, NIGHT).finally(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  assert.match(String(found), new RegExp(`^Error: no permission to read or write ${paths.manifest(NIGHT)}: `))
})

test('adds up the bytes of a night’s files', async t => {
  const { manifest } = await convertedNight(t)
  const files = [1, 20, 300].map(bytes => ({ name: '', alerts: 1, bytes, sha256: '' }))
  assert.equal(lakeBytes({ ...manifest, files }), 321)
})

async function convertedNight(t: TestContext): Promise<{ paths: Paths; manifest: Manifest }> {
  const paths = await dataFolder(t)
  return { paths, manifest: await convert(paths, makeNight({ night: NIGHT.date, alerts: 4 })) }
}
