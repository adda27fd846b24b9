import assert from 'node:assert/strict'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { exists } from '../../lib/core/files.ts'
import { dataFolder } from '../support/data-folder.ts'
import { FIRST, LAST, makeLake, script } from '../support/five-nights.ts'
import { bytesBelow } from '../support/lake-bytes.ts'
import { ORPHANS } from '../support/orphans.ts'
import { PROJECT, run } from '../support/run.ts'

test('accepts a lake as it was written, and prints how much was checked', async t => {
  const paths = await makeLake(t)
  for (const env of [{}, { DEEP: '1' }] as Record<string, string>[]) {
    const { status, out, err } = await script('check', paths, env)
    assert.deepEqual([status, err], [0, ''])
    const compared = env.DEEP ? ', 5 of them against their tarballs' : ''
    assert.match(
      out,
      new RegExp(
        `^5 nights, 18 alerts, [\\d.]+ \\wiB checked in [\\d.]+ s \\([\\d.]+ \\wiB/s\\)${compared}: all intact\n$`,
      ),
    )
  }
  const before = await bytesBelow(paths.lake)
  const { status, out, err } = await script('repair', paths)
  assert.deepEqual([status, out.split('\n').length, err], [0, 2, ''])
  assert.deepEqual(await bytesBelow(paths.lake), before)
})

test('reports every orphan, and a repair moves it to bad/orphans', async t => {
  const paths = await makeLake(t)
  const before = await bytesBelow(paths.lake)
  const orphans: string[] = []
  for (const [make, path] of Object.values(ORPHANS)) orphans.push(join(paths.lake, await make(paths, path)))
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(err, new RegExp(`^error: ${orphans.length} orphans in \\S+: run make repair\n$`))
  assert.deepEqual([...out.matchAll(/^ORPHAN {4}(\S+) /gm)].map(([, path]) => path).sort(), orphans.toSorted())

  const repaired = await script('repair', paths)
  assert.equal(repaired.status, 0)
  const moved = [...repaired.out.matchAll(/^moved {5}(\S+) to (\S+): it is /gm)]
  assert.deepEqual(moved.map(([, path]) => path).sort(), orphans.toSorted())
  for (const [, , to = ''] of moved) assert.ok(await exists(to), to)
  // One orphan had replaced a file.
  await script('lake', paths)
  assert.equal((await script('check', paths)).status, 0)
  assert.deepEqual(await bytesBelow(paths.lake), before)
})

test('reports leftovers of an interrupted run, which are not faults', async t => {
  const paths = await makeLake(t)
  await mkdir(join(paths.staging, LAST.stem), { recursive: true })
  await writeFile(`${paths.manifest(LAST)}.part`, '{')
  const { status, out } = await script('check', paths)
  assert.deepEqual([status, out.match(/^leftover .*$/gm)?.length], [0, 2])
})

test('reports a night with files and no manifest, and converts it again', async t => {
  const paths = await makeLake(t)
  const before = await bytesBelow(paths.lake)
  await rm(paths.manifest(FIRST))
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(
    out,
    new RegExp(`^FAILED +${FIRST.stem} +it has files in the lake but no manifest: make lake, [^\n]+$`, 'm'),
  )
  assert.match(
    err,
    new RegExp(
      `^error: 1 night failed \\(${FIRST.stem}\\), 2 parts of the index missing or out of date: run make lake`,
    ),
  )
  assert.match((await script('repair', paths)).out, /^1 night to be converted again: 1 from the tarballs on disk /m)
  await script('lake', paths)
  assert.deepEqual(await bytesBelow(paths.lake), before)
})

test('refuses to check or repair without a lake, and creates nothing', async t => {
  const paths = await dataFolder(t)
  for (const name of ['check', 'repair']) {
    const { status, out, err } = await script(name, paths)
    assert.deepEqual([status, out], [1, ''])
    assert.equal(err, `error: ${paths.lake} does not exist: run make lake first, or mount its disk\n`)
  }
  assert.deepEqual(await readdir(paths.data), ['tarballs'])
})

test('runs as make check, make check DEEP=1 and make repair', async t => {
  const paths = await makeLake(t)
  const make = (...args: string[]) => run('make', ['-C', PROJECT, `DATA=${paths.data}`, ...args])
  const help = await make('help')
  for (const target of ['check', 'repair']) assert.match(help.out, new RegExp(`^ +make ${target} `, 'm'))
  assert.match((await make('check', 'DEEP=1')).out, / 5 of them against their tarballs: all intact\n/)
  await rm(paths.partition(LAST), { recursive: true })
  assert.equal((await make('check')).status, 2)
  assert.equal((await make('repair')).status, 0)
  assert.equal((await make('lake')).status, 0)
  assert.equal((await make('check')).status, 0)
})
