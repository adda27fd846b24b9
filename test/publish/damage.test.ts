import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { readDamaged, writeDamaged } from '../../lib/publish/damage.ts'
import { temporaryFolder } from '../support/folder.ts'

test('keeps what is noted about other targets', async t => {
  const paths = new Paths(await temporaryFolder(t))
  assert.deepEqual(await readDamaged(paths, 's3://a'), new Set())
  await writeDamaged(paths, 's3://a', new Set(['lake/x', 'index/y']))
  await writeDamaged(paths, 's3://b', new Set(['lake/z']))
  await writeDamaged(paths, 's3://c', new Set())
  assert.deepEqual(await readDamaged(paths, 's3://a'), new Set(['index/y', 'lake/x']))
  assert.deepEqual(await readDamaged(paths, 's3://b'), new Set(['lake/z']))
  await writeDamaged(paths, 's3://a', new Set())
  assert.deepEqual(await readDamaged(paths, 's3://a'), new Set())
  assert.deepEqual(await readDamaged(paths, 's3://b'), new Set(['lake/z']))
  await writeDamaged(paths, 's3://b', new Set())
  assert.ok(!existsSync(paths.damagedAtTarget))
})
