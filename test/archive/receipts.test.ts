import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readFile, rename, rmdir, utimes, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readReceipt, receiptOf, writeReceipt } from '../../lib/archive/receipts.ts'
import { describeError } from '../../lib/core/errors.ts'
import { nightOfStem } from '../../lib/night.ts'
import { dataFolder } from '../support/data-folder.ts'

const NIGHT = nightOfStem('ztf_public_20200101') ?? assert.fail()
const LISTED = { bytes: 3, modified: '2020-01-01 07:00', md5: '' }
const MD5 = '900150983cd24fb0d6963f7d28e17f72'

test('computes the MD5 of a tarball once, and caches it', async t => {
  const paths = await tarball(t)
  assert.equal(await readReceipt(paths, NIGHT), undefined)
  assert.deepEqual(await receiptOf(paths, NIGHT, LISTED), { md5: MD5, listed: LISTED })
  const text = (await readFile(paths.receipt(NIGHT), 'utf8')).replace(MD5, 'f'.repeat(32))
  await writeFile(paths.receipt(NIGHT), text)
  assert.equal((await receiptOf(paths, NIGHT)).md5, 'f'.repeat(32))
})

test('keeps a receipt valid when the tarball is renamed', async t => {
  const paths = await tarball(t)
  await rename(paths.tarball(NIGHT), paths.part(NIGHT))
  await writeReceipt(paths, NIGHT, paths.part(NIGHT), LISTED, MD5)
  assert.equal(await readReceipt(paths, NIGHT), undefined)
  await rename(paths.part(NIGHT), paths.tarball(NIGHT))
  assert.equal((await readReceipt(paths, NIGHT))?.md5, MD5)
})

test('ignores the receipt of a tarball whose size or modification time has changed', async t => {
  const paths = await tarball(t)
  await receiptOf(paths, NIGHT)
  await utimes(paths.tarball(NIGHT), 1, 1)
  assert.equal(await readReceipt(paths, NIGHT), undefined)
  await receiptOf(paths, NIGHT)
  await appendFile(paths.tarball(NIGHT), 'd')
  await utimes(paths.tarball(NIGHT), 1, 1)
  assert.equal(await readReceipt(paths, NIGHT), undefined)
})

test('replaces a corrupt receipt', async t => {
  const paths = await tarball(t)
  await receiptOf(paths, NIGHT)
  await writeFile(paths.receipt(NIGHT), '{"bytes": \0')
  assert.equal(await readReceipt(paths, NIGHT), undefined)
  assert.equal((await receiptOf(paths, NIGHT)).md5, MD5)
  assert.equal((await readReceipt(paths, NIGHT))?.md5, MD5)
})

test('replaces a named pipe, and names a folder, in place of a receipt', async t => {
  const paths = await tarball(t)
  await mkdir(paths.receipt(NIGHT), { recursive: true })
  assert.equal(await readReceipt(paths, NIGHT), undefined)
  const message = `${paths.receipt(NIGHT)} is a folder, expected a file: move it, then run this again`
  assert.equal(await receiptOf(paths, NIGHT).catch(describeError), message)
  await rmdir(paths.receipt(NIGHT))
  execFileSync('mkfifo', [paths.receipt(NIGHT)])
  assert.equal(await readReceipt(paths, NIGHT), undefined)
  assert.equal((await receiptOf(paths, NIGHT)).md5, MD5)
  assert.equal((await readReceipt(paths, NIGHT))?.md5, MD5)
})

async function tarball(t: Parameters<typeof dataFolder>[0]) {
  const paths = await dataFolder(t)
  await writeFile(paths.tarball(NIGHT), 'abc')
  return paths
}
