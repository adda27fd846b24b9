import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { exists } from '../../lib/core/files.ts'
import { identify } from '../../lib/core/process.ts'
import { TemporaryFolder } from '../../lib/core/temporary-folder.ts'
import { temporaryFolder } from '../support/folder.ts'

test('a folder and its parent are removed at the end', async t => {
  const parent = join(await temporaryFolder(t), 'tmp')
  const folder = new TemporaryFolder(parent)
  assert.equal(dirname(folder.path), parent)
  await writeFile(join(folder.path, 'file'), 'x')
  folder.remove()
  assert.equal(await exists(parent), false)
})

test('the parent stays while another process uses it', async t => {
  const parent = join(await temporaryFolder(t), 'tmp')
  const [first, second] = [new TemporaryFolder(parent), new TemporaryFolder(parent)]
  first.remove()
  assert.equal(await exists(second.path), true)
  second.remove()
})

test('folders of processes of this host that have ended are removed', async t => {
  const parent = await temporaryFolder(t)
  const { pid, start } = identify(process.pid)
  const gone = [`ztf-lake-${hostname()}-4194305-123-abcdef`, `ztf-lake-${hostname()}-${pid}-1-abcdef`]
  const kept = [
    `ztf-lake-${hostname()}-${pid}-${start ?? ''}-abcdef`,
    'ztf-lake-other-host-4194305-123-abcdef',
    'notes',
  ]
  for (const name of [...gone, ...kept]) await mkdir(join(parent, name))
  const folder = new TemporaryFolder(parent)
  folder.remove()
  assert.deepEqual(await readdir(parent), kept.sort())
})

test("uses the system's folder if there is no data folder, and does not create the latter", async t => {
  const data = join(await temporaryFolder(t), 'mistyped')
  const folder = new TemporaryFolder(join(data, 'tmp'))
  assert.equal(dirname(folder.path), tmpdir())
  folder.remove()
  assert.deepEqual([await exists(folder.path), await exists(data)], [false, false])
})
