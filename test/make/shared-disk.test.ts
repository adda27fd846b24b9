import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { remove } from '../../lib/core/files.ts'
import { checkTree } from '../../lib/lake/check-tree.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { NO_DISK } from '../support/disk.ts'
import { temporaryFolder } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'

const FORMER = makeNight({ night: '20191003', alerts: 3 })
const NIGHT = nightOf(FORMER.name)
/** NFS gives a removed file such a name while it is open. */
const IN_USE = '.nfs000000000012a4f700000003'

test('does not take a removed file that is still open on NFS for an orphan of the lake', async t => {
  const paths = await dataFolder(t)
  const recorded = new Map([[NIGHT.stem, await convert(paths, FORMER)]])
  for (const folder of [paths.lake, paths.manifests, paths.partition(NIGHT)]) await writeFile(join(folder, IN_USE), 'x')
  const { orphans, incomplete, leftovers } = await checkTree(paths, () => true, recorded)
  assert.deepEqual([[...orphans], [...incomplete], leftovers], [[], [], []])
})

for (const [name, isRemoved] of [
  [IN_USE, true],
  ['b.parquet', false],
] as const)
  test(`a folder with only ${name} counts as ${isRemoved ? '' : 'not '}removed`, { skip: NO_DISK }, async t => {
    const folder = join(await temporaryFolder(t), 'former')
    await mkdir(folder)
    for (const file of ['a.parquet', name]) await writeFile(join(folder, file), 'x')
    // A mounted file cannot be removed, like an open one on NFS.
    execFileSync('mount', ['--bind', '/etc/hosts', join(folder, name)])
    const removed = remove(folder).finally(() => execFileSync('umount', [join(folder, name)]))
    if (isRemoved) await removed
    else await assert.rejects(removed)
    assert.ok((await readdir(folder)).includes(name))
    await remove(folder)
    assert.equal(existsSync(folder), false)
  })
