import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { temporaryFolder } from '../support/folder.ts'
import { makeNight } from '../support/night.ts'
import { type Running, run, start, untilHolds } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const HALF_WAY = pathToFileURL(join(import.meta.dirname, '../support/half-way.mjs')).href
const HIDE = '\x1b[?25l'
const SHOW = '\x1b[?25h'
const ERASED = '\x1b[2K\x1b[G'
const CYAN = '\x1b[36m'

test('make status shows how far a download is, for all nights in progress', async t => {
  const nights = ['20180713', '20191003'].map(night => makeNight({ night, alerts: 60, stamps: 'real' }))
  const space = await Workspace.open(t, nights)
  await space.make('uris')
  space.archive.bytesPerSecond = 400_000
  const running = space.start('download -j2')
  const shown = (out: string) => [...out.matchAll(/^ {2}(ztf_public_\d+) +\S+ +(?!0 )(\S+ .*of .*iB)/gm)]
  const amounts = new Map<string, Set<string>>()
  const grown = () => [...amounts.values()].filter(({ size }) => size > 1).length
  await untilHolds(running, async () => {
    const { out } = await space.make('status')
    for (const [, stem = '', amount = ''] of shown(out)) amounts.set(stem, (amounts.get(stem) ?? new Set()).add(amount))
    if (amounts.size > 0)
      assert.match(out, /^make download is at work since \S+ \(process \d+ on \S+\)\nfetching \d of 2 nights /m)
    return grown() === 2
  })
  space.archive.bytesPerSecond = Infinity
  const { status, err } = await running.ran
  assert.deepEqual([status, err], [0, ''])
  assert.doesNotMatch((await space.make('status')).out, /at work/)
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})

test('make status shows how far a conversion is, with its alerts, and leaves no note', async t => {
  const { space, env, wait } = await halfWay(t)
  const running = space.start('lake', { env })
  const out = await statusMatching(space, running, /^ {2}ztf_public_20180713 .* alerts$/m)
  assert.match(out, /^make lake is at work since \S+ \(process \d+ on \S+\)\nconverting 0 of 1 night /m)
  assert.match(out, /^ {2}ztf_public_20180713 +\[#+-+\] +2\.0 of \d\.\d MiB .*[1-9]\d* alerts$/m)
  await rm(wait)
  assert.equal((await running.ran).status, 0)
  assert.doesNotMatch((await space.make('status')).out, /at work/)
  const names = await readdir(space.paths.data, { recursive: true })
  assert.deepEqual(
    names.filter(name => name.includes('progress')),
    [],
  )
})

test('make status shows how far a check is, and the check ends with its make', async t => {
  const { space, env, wait } = await halfWay(t)
  assert.equal((await space.make('lake')).status, 0)
  const first = space.start('check DEEP=1', { env })
  const out = await statusMatching(space, first, /^checking 0 of 1 night /m)
  assert.match(out, /^make check is at work since \S+ \(process \d+ on \S+\)\nchecking 0 of 1 night +\[-+\] +0 of /m)
  first.child.kill('SIGKILL')
  await first.ran
  const second = space.start('check DEEP=1', { env: { ...env, WAIT: `${wait}-not` } })
  const { status, err } = await second.ran
  assert.deepEqual([status, err], [0, ''])
  const names = await readdir(space.paths.data, { recursive: true })
  assert.deepEqual(
    names.filter(name => name.includes('progress') || name.startsWith('lock/')),
    [],
  )
})

test('a command that is interrupted says to run it again, and then resumes', async t => {
  const { space, env, wait } = await halfWay(t)
  const running = space.start('lake', { env, detached: true })
  await statusMatching(space, running, /^ {2}ztf_public_20180713 .* alerts$/m)
  process.kill(-(running.child.pid as number), 'SIGINT')
  const { out, err } = await running.ran
  assert.equal(out, '')
  assert.match(err, /^interrupted: run make lake again; it resumes\nmake: \*\*\* \S+ lake\] Interrupt\n$/)
  await rm(wait)
  assert.match((await space.make('lake')).out, /^converted ztf_public_20180713 /m)
})

test('make status ignores the note of a killed run, and the next run removes it', async t => {
  const { space, env, wait } = await halfWay(t)
  const running = space.start('lake', { env, detached: true })
  await statusMatching(space, running, /^ {2}ztf_public_20180713 .* alerts$/m)
  process.kill(-(running.child.pid as number), 'SIGKILL')
  await running.ran
  assert.ok(existsSync(space.paths.progress('lake')))
  assert.doesNotMatch((await space.make('status')).out, /at work/)
  await rm(wait)
  assert.equal((await space.make('lake')).status, 0)
  const names = await readdir(space.paths.data, { recursive: true })
  assert.deepEqual(
    names.filter(name => name.includes('progress')),
    [],
  )
})

test('prints a progress line without a terminal after a silence, and only then', async t => {
  const folder = await temporaryFolder(t)
  const options = { cwd: join(import.meta.dirname, '..') }
  const child = (silenceMs: number, onOut?: (text: string) => void) =>
    start('node', ['--import', 'tsx', 'support/display-child.ts', folder, String(silenceMs)], {
      ...options,
      ...(onOut && { onOut }),
      keepInput: true,
    })
  const talking = child(0, () => talking.child.stdin?.end())
  const { out, err } = await talking.ran
  assert.deepEqual(
    [out.split('\n')[0], err],
    ['at work   converting 0 of 1 night done; ztf_public_20200101 2.0 of 8.0 MiB, 40 alerts', ''],
  )

  const silent = child(3_600_000)
  await untilHolds(silent, () => existsSync(join(folder, 'lock/lake.progress')))
  silent.child.stdin?.end()
  assert.equal((await silent.ran).out, '')
})

for (const [settings, what] of [
  ['', 'in colours'],
  ['NO_COLOR=1', 'without colours if NO_COLOR is set'],
] as const)
  test(`shows a live view below the results of a terminal, ${what}, and restores the cursor`, async t => {
    const { space, wait } = await halfWay(t)
    const typescript = join(space.folder, 'typescript')
    const running = inTerminal(space, typescript, settings)
    const isShown = async () => existsSync(typescript) && /2\.0 of /.test(await readFile(typescript, 'utf8'))
    await untilHolds(running, isShown)
    await rm(wait)
    assert.equal((await running.ran).status, 0)
    const text = await readFile(typescript, 'utf8')
    assert.match(text, /converting 0 of 1 night {2}/)
    // Nothing is left of the view before the line of a result.
    assert.ok(text.includes(`${ERASED}converted ztf_public_20180713 `))
    assert.ok(text.lastIndexOf(SHOW) > text.lastIndexOf(HIDE))
    assert.equal(text.includes(CYAN), settings === '')
    // Each line fits a terminal of 60 columns.
    for (const line of text.split('\n').filter(line => / of \d/.test(line)))
      assert.ok(stripVTControlCharacters(line).trimEnd().length < 60, line)
  })

test('shows no live view on a dumb terminal', async t => {
  const { space, wait } = await halfWay(t)
  await rm(wait)
  const typescript = join(space.folder, 'typescript')
  assert.equal((await inTerminal(space, typescript, 'TERM=dumb').ran).status, 0)
  const text = await readFile(typescript, 'utf8')
  assert.match(text, /^converted ztf_public_20180713 /m)
  assert.ok(!text.includes('\x1b'))
})

/** A workspace with a tarball on disk whose conversion pauses after its first 2 MiB while the file `wait` exists. */
async function halfWay(t: TestContext) {
  const space = await Workspace.open(t, [makeNight({ night: '20180713', alerts: 100, stamps: 'real' })])
  await space.make('uris')
  await space.make('download')
  const wait = join(space.folder, 'wait')
  await writeFile(wait, String(process.pid))
  return { space, wait, env: { NODE_OPTIONS: `--import ${HALF_WAY}`, WAIT: wait } }
}

/** Runs `make status` until its output matches, as long as another program runs; returns that output. */
async function statusMatching(space: Workspace, running: Running, pattern: RegExp): Promise<string> {
  let text = ''
  await untilHolds(running, async () => {
    text = (await space.make('status')).out
    return pattern.test(text)
  })
  return text
}

/** Starts make lake in a terminal of 60 columns, and records its output in a file. */
function inTerminal({ paths, uris, folder }: Workspace, typescript: string, settings: string): Running {
  const line = `stty cols 60 rows 20; ${settings} make lake DATA=${paths.data} URIS=${uris}`
  const env = { TERM: 'xterm', NODE_OPTIONS: `--import ${HALF_WAY}`, WAIT: join(folder, 'wait') }
  return start('script', ['-qefc', line, typescript], { env })
}

test('a conversion or download goes on if the reader of its output closes the pipe', async t => {
  const nights = ['20180713', '20191003'].map(night => makeNight({ night, alerts: 3 }))
  const space = await Workspace.open(t, nights)
  const make = `make ${space.settings.map(text => `'${text}'`).join(' ')}`
  for (const target of ['uris', 'download', 'lake', 'check', 'status', 'sql FORMAT=csv Q="from range(100000)"']) {
    // The reader ends at once, and so before anything is printed.
    const { status, err } = await run('bash', ['-c', `set -o pipefail; ${make} ${target} | :`])
    assert.deepEqual([status, err], [0, ''], target)
  }
  for (const night of nights) assert.ok(space.isInLake(night))
})
