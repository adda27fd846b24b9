import assert from 'node:assert/strict'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SETTINGS } from '../../lib/settings.ts'
import { snapshot } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'
import { copyProject } from '../support/project-copy.ts'
import { run, runScript } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

for (const args of [[], ['help']])
  test(`make ${args.join(' ')} shows every target and setting, and builds nothing`, async t => {
    const project = await copyProject(t, { packages: false })
    const before = await snapshot(project)
    const { status, out, err } = await run('make', args, { cwd: project })
    assert.deepEqual([status, err], [0, ''])
    for (const target of ['demo', 'uris', 'download', 'lake', 'all', 'lake-array', 'status', 'test'])
      assert.match(out, new RegExp(`^  make ${target} +\\S`, 'm'))
    for (const name of Object.keys(SETTINGS)) assert.match(out, new RegExp(`\\b${name}\\b`))
    assert.deepEqual(await snapshot(project), before)
  })

test('builds the scripts before any other target of a fresh clone', async t => {
  const project = await copyProject(t, { packages: true })
  const { settings } = await Workspace.open(t, [])
  for (const args of [['lake'], ['-n', 'lake'], ['-q', 'lake'], ['status'], ['-j4', 'lake', 'status']]) {
    await rm(join(project, '.build'), { recursive: true, force: true })
    const { status, err } = await run('make', [...args, ...settings], { cwd: project })
    assert.deepEqual([status, err], [0, ''], args.join(' '))
    const built = await readdir(join(project, '.build'))
    for (const name of ['ready', 'lake.js', 'fetch-night.js', 'convert-worker.js', 'page.js'])
      assert.ok(built.includes(name), name)
  }
})

test('builds again after a source file has changed, and only then', async t => {
  const project = await copyProject(t, { packages: true })
  const { settings } = await Workspace.open(t, [])
  const make = () => run('make', ['lake', ...settings], { cwd: project })
  assert.equal((await make()).status, 0)
  const before = await snapshot(join(project, '.build'))
  assert.equal((await make()).status, 0)
  assert.deepEqual(await snapshot(join(project, '.build')), before)
  await writeFile(join(project, 'scripts/lake.ts'), "console.log('changed')\n")
  assert.equal((await make()).out, 'changed\n')
})

test('names the packages to install if aria2c is missing', async t => {
  const space = await Workspace.open(t, [makeNight({ night: '20180713', alerts: 3 })])
  await space.make('uris')
  const PATH = join(space.folder, 'bin')
  await mkdir(PATH)
  await symlink(process.execPath, join(PATH, 'node'))
  await symlink('/bin/bash', join(PATH, 'bash'))
  const env = { PATH, DATA: space.paths.data, URIS: space.uris, ARCHIVE: space.archive.url }
  for (const script of ['download', 'all']) {
    const { status, out, err } = await runScript(script, env)
    assert.equal(status, 1)
    assert.match(out, /^aria2c is not installed: installing it$/m)
    assert.match(err, /^error: aria2c is not on the PATH: install it with the command for your system: [^\n]+\n$/)
  }
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})
