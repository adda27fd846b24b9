import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { nightEntry, tableText } from '../support/archive-table.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { run, start } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

for (const target of ['download', 'all KEEP_TARS=no'])
  test(`make ${target} of more than 1 TiB needs consent, and starts nothing without`, { skip: NO_DISK }, async t => {
    const { make, space, disk } = await largeArchive(t)
    for (const jobs of ['', ' -j5']) {
      const alone = await run('sh', ['-c', make(target + jobs)])
      assert.equal(alone.status, 2)
      assert.match(alone.err, /^error: without NIGHTS=, [^\n]* 2 nights, about 1\.17 TiB, [^\n]* or give ALL=yes$/m)
      const typescript = join(space.folder, 'typescript')
      const asked = start('script', ['-qefc', make(target + jobs), typescript], { input: 'n\n' })
      const { status, out } = await asked.ran
      assert.equal(status, 0, out)
      assert.match(out, /Continue\? \[y\/N\] nothing was downloaded( or converted)?: select nights with NIGHTS=\s*$/)
    }
    assert.equal((await run('sh', ['-c', make(`-q ${target}`)])).status, 1)
    const paths = new Paths(disk.folder)
    for (const folder of [paths.tarballs, paths.manifests, join(paths.data, 'lock')])
      assert.deepEqual(existsSync(folder) ? await readdir(folder) : [], [])
    assert.deepEqual(space.asked(), [])
  })

test('make download starts after the answer yes, and with ALL=yes', { skip: NO_DISK }, async t => {
  const { make, space } = await largeArchive(t)
  const typescript = join(space.folder, 'typescript')
  const asked = await start('script', ['-qefc', make('download'), typescript], { input: 'y\n' }).ran
  const given = await run('sh', ['-c', make('download ALL=yes')])
  for (const { out } of [asked, given]) assert.match(out, /2 nights to fetch, about 1\.17 TiB; /)
})

/** An archive that lists two nights of 600 GiB but has neither, and a disk for them. */
async function largeArchive(t: TestContext) {
  const space = await Workspace.open(t, [])
  const disk = await Disk.mount(t, '4t')
  const table = join(space.folder, 'table.txt')
  await writeFile(table, tableText(['20200101', '20200102'].map(date => nightEntry(date, 600 * 2 ** 30))))
  const settings = `DATA=${disk.folder} URIS=${space.uris} LISTING=${table} ARCHIVE=${space.archive.url}`
  const make = (args: string) => `make ${args} ${settings}`
  assert.equal((await run('sh', ['-c', make('uris')])).status, 0)
  return { make, space, disk }
}
