import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { receiptOf } from '../../lib/archive/receipts.ts'
import { createExclusive, remove } from '../../lib/core/files.ts'
import { checkTree } from '../../lib/lake/check-tree.ts'
import { superseded } from '../../lib/nights/inventory.ts'
import { makeNight } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { NO_DISK } from '../support/disk.ts'
import { temporaryFolder } from '../support/folder.ts'

const MADE = makeNight({ night: '20191003', alerts: 3 })
const AGAIN = makeNight({ night: '20191003', alerts: 2, seed: 2 })
const NIGHT = nightOf(MADE.name)
/** What NFS calls a file that was removed while it was open. */
const IN_USE = '.nfs000000000012a4f700000003'

test('what NFS keeps of a removed file that is still read is not an orphan of the lake', async t => {
  const paths = await dataFolder(t)
  const { files } = await convert(paths, MADE)
  for (const folder of [paths.lake, paths.manifests, paths.partition(NIGHT)]) await writeFile(join(folder, IN_USE), 'x')
  const recorded = new Map([[NIGHT.stem, new Set(files.map(({ name }) => name))]])
  const { orphans, incomplete, leftovers } = await checkTree(paths, () => true, recorded)
  assert.deepEqual([[...orphans], [...incomplete], leftovers], [[], [], []])
})

test('a folder of which only files are left that others still read counts as removed', { skip: NO_DISK }, async t => {
  const folder = join(await temporaryFolder(t), 'former')
  await mkdir(folder)
  await writeFile(join(folder, 'a.parquet'), 'x')
  for (const [name, fails] of [
    [IN_USE, false],
    ['b.parquet', true],
  ] as const) {
    const path = join(folder, name)
    await writeFile(path, 'x')
    // A file that is a mount cannot be removed, as NFS lets nobody remove one that is in use.
    execFileSync('mount', ['--bind', '/etc/hosts', path])
    const removed = await remove(folder).then(
      () => true,
      () => false,
    )
    execFileSync('umount', [path])
    assert.deepEqual([removed, (await readdir(folder)).includes(name)], [!fails, true])
  }
  await remove(folder)
  assert.equal(existsSync(folder), false)
})

test('of many that make a file at once one does, and it has all that this one says', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'size')
  const texts = Array.from({ length: 20 }, (_, i) => String(i))
  const made = await Promise.all(texts.map(text => createExclusive(path, text)))
  const winners = texts.filter((_, i) => made[i])
  assert.deepEqual([[await readFile(path, 'utf8')], await readdir(folder)], [winners, ['size']])
})

test('a night that was fetched anew is noticed, though the clock of the host that fetched it is minutes behind', async t => {
  const paths = await dataFolder(t)
  await convert(paths, MADE)
  assert.deepEqual(await superseded(paths, [NIGHT]), [])
  await writeFile(paths.tarball(NIGHT), AGAIN.bytes)
  await receiptOf(paths, NIGHT)
  const { mtimeMs } = await stat(paths.manifest(NIGHT))
  const behind = new Date(mtimeMs - 4 * 60_000)
  await utimes(paths.receipt(NIGHT), behind, behind)
  assert.deepEqual(await superseded(paths, [NIGHT]), [NIGHT])
})
