import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createStaging, publish } from '../../lib/lake/publish.ts'
import { parquetName, siblingOf } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { dataFolder, nightOf } from '../support/data-folder.ts'

const NIGHT = nightOf('ztf_public_20191003.tar.gz')
const [OLD, NEW] = ['a', 'b'].map(digit => parquetName(NIGHT, digit.repeat(32), 0)) as [string, string]
const FOREIGN = parquetName(siblingOf(NIGHT), 'c'.repeat(32), 0)

test('creates a staging folder of its own for each attempt, and removes former ones of the night', async t => {
  const paths = await dataFolder(t)
  const other = await createStaging(paths, siblingOf(NIGHT))
  const first = await createStaging(paths, NIGHT)
  await writeFile(join(first, 'file.parquet.part'), '')
  const second = await createStaging(paths, NIGHT)
  assert.notEqual(first, second)
  assert.deepEqual([first, second, other].map(existsSync), [false, true, true])
})

test('replaces a partition of the night alone as a whole', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  await writeFile(join(paths.partition(NIGHT), `${NIGHT.stem}-left.parquet`), '')
  await publishFiles(paths, NEW)
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [NEW])
  assert.deepEqual(await readdir(paths.staging), [])
})

test('keeps files of the date’s other tarball', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  await writeFile(join(paths.partition(NIGHT), FOREIGN), '')
  await publishFiles(paths, NEW)
  assert.deepEqual((await readdir(paths.partition(NIGHT))).sort(), [NEW, FOREIGN].sort())
})

test('removes the partition of a night that is now empty', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  await publishFiles(paths)
  assert.equal(existsSync(paths.partition(NIGHT)), false)
})

test('restores the former partition if the new one cannot be moved', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  // The system refuses to rename a folder called `.`.
  const folder = `${await createStaging(paths, NIGHT)}/.`
  await writeFile(join(folder, `${NEW}.part`), '')
  await assert.rejects(publish(paths, NIGHT, folder, { files: [record(NEW)], newColumns: [] }), /rename/)
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [OLD])
})

/** Publishes files with their own name as content. */
async function publishFiles(paths: Paths, ...names: string[]): Promise<void> {
  const folder = await createStaging(paths, NIGHT)
  for (const name of names) await writeFile(join(folder, `${name}.part`), name)
  await publish(paths, NIGHT, folder, { files: names.map(record), newColumns: [] })
}

function record(name: string) {
  return { name, alerts: 1, bytes: name.length, sha256: '' }
}
