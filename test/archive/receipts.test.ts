import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readReceipt, receiptOf } from '../../lib/archive/receipts.ts'
import { makeNight } from '../../lib/synthetic/night.ts'
import { dataFolder, nightOf } from '../support/data-folder.ts'

test('a receipt that the disk has spoilt is none, and is made anew', async t => {
  const paths = await dataFolder(t)
  const { name, bytes } = makeNight({ night: '20200101', alerts: 1 })
  const night = nightOf(name)
  await writeFile(paths.tarball(night), bytes)
  const { md5 } = await receiptOf(paths, night)
  assert.equal((await readReceipt(paths, night))?.md5, md5)
  await writeFile(paths.receipt(night), '{"bytes": \0')
  assert.equal(await readReceipt(paths, night), undefined)
  assert.equal((await receiptOf(paths, night)).md5, md5)
  assert.equal((await readReceipt(paths, night))?.md5, md5)
})
