import assert from 'node:assert/strict'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertNotOwn } from '../../lib/publish/own-folder.ts'
import { temporaryFolder } from '../support/folder.ts'

test('refuses the data folder, folders in it, and those whose lake would be in it or around it', async t => {
  const folder = await temporaryFolder(t)
  const data = join(folder, 'index/data')
  await mkdir(data, { recursive: true })
  await symlink(data, join(folder, 'link'))
  for (const to of [data, join(data, 'lake'), join(data, 'new/folder'), join(folder, 'link/x'), folder])
    await assert.rejects(assertNotOwn(to, data), /^Error: TO is '.*', which overlaps with DATA='.*': give a folder out/)
})

test('accepts folders next to the data folder and above it', async t => {
  const folder = await temporaryFolder(t)
  const data = join(folder, 'data')
  await mkdir(data)
  for (const to of [folder, join(folder, 'data-published'), join(folder, '..data'), '/', join(folder, 'x/data')])
    await assertNotOwn(to, data)
})

test('refuses a folder whose lake is that of the data folder, whatever its path', async t => {
  const folder = await temporaryFolder(t)
  const [data, to] = [join(folder, 'data'), join(folder, 'to')]
  await mkdir(join(data, 'lake'), { recursive: true })
  await mkdir(to)
  await assertNotOwn(to, data)
  await symlink(join(data, 'lake'), join(to, 'lake'))
  await assert.rejects(assertNotOwn(to, data), /which overlaps with DATA=/)
})
