import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { readManifest } from '../../lib/lake/manifest.ts'
import { Paths } from '../../lib/paths.ts'
import { ADDRESS, nightEntry, tableText } from '../support/archive-table.ts'
import { nightOf } from '../support/data-folder.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { stemsIn } from '../support/output.ts'
import { copyProject } from '../support/project-copy.ts'
import { PROJECT, run } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401'].map(night => makeNight({ night, alerts: 6 }))
const [FIRST, , LAST] = NIGHTS as [SyntheticNight, SyntheticNight, SyntheticNight]
const TARGETS = ['uris', 'download', 'lake', 'all', 'status', 'check', '-n lake', '-q download']

for (const [what, setting, message] of [
  ['an unknown setting', 'WORKRS=3', "make's command line has WORKRS, which is not a setting: did you mean WORKERS?"],
  ['a malformed setting', 'AHEAD=1X', "AHEAD is '1X': expected "],
  ['a setting that looks like a command', "NIGHTS=2018';>here;'", "NIGHTS has '2018';>here;'"],
] as const)
  test(`refuses ${what} in one sentence before any work`, async t => {
    const space = await Workspace.open(t, [FIRST])
    for (const target of TARGETS) {
      const { status, out, err } = await space.make(`${target} ${setting}`)
      assert.notEqual(status, 0, target)
      assert.equal(out.replace(/^sh .*\n/, ''), '', target)
      const [sentence = '', ...rest] = err.split('\n').filter(line => !line.startsWith('make: ***'))
      assert.deepEqual([sentence.startsWith(`error: ${message}`), rest], [true, ['']], err)
    }
    assert.deepEqual([space.asked(), await readdir(space.folder)], [[], []])
    assert.equal(existsSync(join(PROJECT, 'here')), false)
  })

test('takes a setting from the command line, the environment, config.mk or the default, in that order', async t => {
  const project = await copyProject(t, { packages: true })
  const dates = Array.from({ length: 6 }, (_, i) => `2020010${i + 1}`)
  await writeFile(join(project, 'table.txt'), tableText(dates.map(date => nightEntry(date))))
  const countLists = async (args: string[], env: Record<string, string> = {}) => {
    await rm(join(project, 'uris'), { recursive: true, force: true })
    const settings = ['LISTING=table.txt', `ARCHIVE=${ADDRESS}`]
    const { status, err } = await run('make', ['uris', ...settings, ...args], { cwd: project, env })
    assert.deepEqual([status, err], [0, ''])
    return (await readdir(join(project, 'uris/2020'))).length
  }
  assert.equal(await countLists([]), 2)
  await writeFile(join(project, 'config.mk'), '# Three per list.\nURLS_PER_LIST = 3 # not five\nNIGHTS ?= 2020\n')
  assert.equal(await countLists([]), 2)
  assert.equal(await countLists([], { URLS_PER_LIST: '2' }), 3)
  assert.equal(await countLists(['URLS_PER_LIST=1'], { URLS_PER_LIST: '2' }), 6)
})

for (const [line, message] of [
  ['URLS_PER_LST = 3', 'config.mk, line 2 has URLS_PER_LST, which is not a setting: did you mean URLS_PER_LIST?'],
  ['DATA = $(HOME)/ztf', "config.mk, line 2 is 'DATA = $(HOME)/ztf': expected NAME = value, without $"],
  ['include other.mk', "config.mk, line 2 is 'include other.mk': expected NAME = value, without $"],
  ['URLS_PER_LIST = 0', "URLS_PER_LIST is '0': expected a whole number from 1 to "],
] as const)
  test(`refuses the line ${line} of config.mk`, async t => {
    const project = await copyProject(t, { packages: true })
    await writeFile(join(project, 'config.mk'), `WORKERS = 1\n${line}\n`)
    for (const target of ['uris', 'download', 'lake', 'all']) {
      const { status, err } = await run('make', [target], { cwd: project })
      assert.equal(status, 2)
      assert.ok(err.startsWith(`error: ${message}`), err)
    }
    assert.equal(existsSync(join(project, 'data')), false)
  })

test('passes the settings on to the downloads and workers of make all', async t => {
  const project = await copyProject(t, { packages: true })
  const space = await Workspace.open(t, NIGHTS)
  await writeFile(join(project, 'config.mk'), 'NIGHTS = 2018\nCODEC = none\nALERTS_PER_FILE = 3\n')
  const { status, err } = await space.make('all NIGHTS=2021', { cwd: project, env: { NIGHTS: '2019', CODEC: 'zstd' } })
  assert.deepEqual([status, err], [0, ''])
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', LAST.name])
  const { codec, alertsPerFile } = (await readManifest(space.paths, nightOf(LAST.name))) ?? assert.fail()
  assert.deepEqual([codec, alertsPerFile], ['zstd', 3])
})

test('ignores variables of the environment that are not settings', async t => {
  const space = await Workspace.open(t, NIGHTS)
  // tcsh sets GROUP, and many hosts set HOST or NODE.
  const { status, err } = await space.make('uris', { env: { GROUP: 'staff', HOST: 'here', NODE: 'n1', WORKRS: '3' } })
  assert.deepEqual([status, err], [0, ''])
})

for (const target of ['uris download lake', 'all KEEP_TARS=no'])
  test(`works in folders with unusual names: make ${target}`, async t => {
    const space = await Workspace.open(t, NIGHTS)
    const odd = join(space.folder, `a  b %:;|'"#&=*?[b]{c}~(é)`)
    const settings = { DATA: `${odd}/of data`, URIS: `${odd}/of lists`, ARCHIVE: space.archive.url }
    await mkdir(odd)
    const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
    await assertMakes(['-j2', ...target.split(' '), ...args])
    await assertMakes(['check', ...args])
    await assertMakes(['status', ...args])
    assert.deepEqual((await readdir(odd)).sort(), ['of data', 'of lists'])
    assert.deepEqual((await readdir(new Paths(settings.DATA).manifests)).length, NIGHTS.length)
  })

for (const where of ['environment', 'command line'])
  test(`takes a $ in a setting of the ${where}, and runs nothing`, async t => {
    const space = await Workspace.open(t, NIGHTS)
    const [DATA, URIS] = [join(space.folder, '$HOME $(x)'), join(space.folder, '$$ $(shell echo x)')]
    const settings = { DATA, URIS, ARCHIVE: space.archive.url }
    const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
    const targets = ['-j2', 'uris', 'download', 'lake']
    const { status, out, err } = await (where === 'environment'
      ? run('make', targets, { env: settings })
      : run('make', [...targets, ...args]))
    assert.deepEqual([status, err], [0, ''])
    const folders = (await readdir(space.folder)).sort()
    assert.deepEqual([stemsIn(out, 'converted').length, folders], [3, [URIS, DATA].map(path => basename(path)).sort()])
  })

test('works if BASH_ENV names a file that prints a line', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const BASH_ENV = join(space.folder, 'bash.env')
  await writeFile(BASH_ENV, 'echo hello\n')
  const { status, out, err } = await space.make('uris download lake', { env: { BASH_ENV } })
  assert.deepEqual([status, err, stemsIn(out, 'converted').length], [0, '', 3])
  assert.doesNotMatch(out, /hello/)
})

async function assertMakes(args: readonly string[]): Promise<void> {
  const { status, err } = await run('make', args)
  assert.deepEqual([status, err], [0, ''], args.join(' '))
}
