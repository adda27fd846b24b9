import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readManifest } from '../../lib/lake/manifest.ts'
import { nightOf } from '../support/data-folder.ts'
import { filesBelow } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'
import { statusRows } from '../support/output.ts'
import { closing } from '../support/place.ts'
import { assertPublished, NIGHTS, publishable, REVISIONS } from '../support/published.ts'
import { VersityServer } from '../support/versity-server.ts'
import { Workspace } from '../support/workspace.ts'

test('make all TO= publishes each night, also those that were in the lake before', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const server = closing(t, await VersityServer.start())
  const target = [`TO=${server.address}`, `ENDPOINT=${server.endpoint}`]
  const make = (args: string) => space.make(args, { env: server.env })
  assert.equal((await make('uris')).status, 0)
  for (const args of ['download NIGHTS=2019', 'lake']) assert.equal((await make(args)).status, 0)

  const preview = await make(`-n all ${target.join(' ')}`)
  assert.match(preview.out, /^publish ztf_public_20191003$/m)
  const all = await make(`all -j3 ${target.join(' ')}`)
  assert.equal(all.status, 0, all.out + all.err)
  assert.match(all.out, /^4 nights published: /m)
  assert.match(all.out, /^DuckDB /m)
  await assertPublished(server, await publishable(space.paths))

  const [revision = assert.fail()] = REVISIONS
  space.publish(revision.name, revision.bytes)
  const again = await make(`all -j3 ${target.join(' ')}`)
  assert.equal(again.status, 0, again.out + again.err)
  assert.match(again.out, /^1 night published: /m)
  await assertPublished(server, await publishable(space.paths))
})

test('make all KEEP_LAKE=no leaves no Parquet file here, and counts the nights as done', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const server = closing(t, await VersityServer.start())
  const target = `TO=${server.address} ENDPOINT=${server.endpoint} KEEP_LAKE=no KEEP_TARS=no`
  const make = (args: string) => space.make(args, { env: server.env })
  const all = await make(`all -j3 ${target}`)
  assert.equal(all.status, 0, all.out + all.err)
  const { paths } = space
  const left = (await filesBelow(paths.lake)).filter(path => !path.startsWith('_manifest/'))
  assert.deepEqual(left, ['_SHA256SUMS', '_files.parquet'])
  assert.equal((await readManifest(paths, nightOf('ztf_public_20191007.tar.gz')))?.movedTo, server.address)

  assert.match((await make('download')).out, /^nothing to download/m)
  assert.match((await make('lake')).out, /^nothing to convert/m)
  const status = await make('status')
  const rows = statusRows(status.out)
  assert.deepEqual([rows.get('in the lake')?.[0], rows.get('missing')?.[0]], ['4', '0'])
  assert.match(status.out, /^moved +4 nights to s3:/m)
  for (const args of ['check', `check AT=${server.address} ENDPOINT=${server.endpoint}`]) {
    const check = await make(args)
    assert.equal(check.status, 0, check.out + check.err)
    assert.match(check.out, /all intact/)
  }
  assert.match((await make(`publish ${target}`)).out, /^nothing to publish: 4 nights at /m)

  // A night that the archive republishes comes back, and is moved again.
  const revision = makeNight({ night: '20191007', alerts: 5, seed: 3 })
  space.publish(revision.name, revision.bytes)
  const again = await make(`all -j3 ${target}`)
  assert.equal(again.status, 0, again.out + again.err)
  assert.match(again.out, /^1 night moved to /m)
  const check = await make(`check AT=${server.address} ENDPOINT=${server.endpoint}`)
  assert.equal(check.status, 0, check.out + check.err)
  const files = (await server.list()).filter(({ path }) => path.includes('ztf_public_20191007-'))
  const manifest = await readManifest(paths, nightOf(revision.name))
  assert.deepEqual(
    files.map(({ bytes }) => bytes),
    manifest?.files.map(({ bytes }) => bytes),
  )
})
