import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { progressLine, progressLines, type StageProgress, eta } from '../../lib/progress/model.ts'
import { RateMeter } from '../../lib/progress/rate.ts'
import { makeNight } from '../../lib/synthetic/night.ts'
import { temporaryFolder } from '../support/folder.ts'
import { run, start } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const GIB = 1 << 30
const MIB = 1 << 20
const HALF_WAY = pathToFileURL(join(import.meta.dirname, 'support/half-way.mjs')).href
const HIDE = '\x1b[?25l'
const SHOW = '\x1b[?25h'
const ERASED = '\x1b[2K\x1b[G'
const CYAN = '\x1b[36m'

const SIDE: StageProgress = {
  verb: 'converting',
  nights: 20,
  done: 3,
  failed: 0,
  bytes: 12 * GIB,
  of: 48 * GIB,
  rate: 240 * MIB,
  running: [
    { stem: 'ztf_public_20200101', bytes: 1.25 * GIB, of: 8.75 * GIB, alerts: 25_000, rate: 120 * MIB },
    { stem: 'ztf_public_20200102', bytes: 512 * MIB, of: 2 * GIB, alerts: 1, rate: 120 * MIB },
  ],
}
const FETCHING: StageProgress = {
  ...SIDE,
  verb: 'fetching',
  failed: 2,
  running: [{ stem: 'ztf_public_20200103', bytes: 0, of: GIB, waits: true }],
}

test('a view has a line for each side of a run and for each of its nights', () => {
  assert.deepEqual(progressLines([FETCHING, SIDE]), [
    'fetching 3 of 20 nights, 2 failed  [##------]      12.0 of 48.0 GiB  3 min left  240.0 MiB/s',
    '  ztf_public_20200103              [--------]          0 of 1.0 GiB                                 waiting',
    'converting 3 of 20 nights          [##------]      12.0 of 48.0 GiB  3 min left  240.0 MiB/s',
    '  ztf_public_20200101              [#-------]        1.3 of 8.8 GiB  2 min left  120.0 MiB/s  25,000 alerts',
    '  ztf_public_20200102              [##------]  512.0 MiB of 2.0 GiB   13 s left  120.0 MiB/s        1 alert',
  ])
})

test('a view of more lines than there is room for says how many there are', () => {
  assert.deepEqual(progressLines([FETCHING, SIDE], 5), progressLines([FETCHING, SIDE]))
  assert.deepEqual(progressLines([FETCHING, SIDE], 3), [...progressLines([FETCHING, SIDE]).slice(0, 2), '  and 3 lines more'])
})

test('a side without nights is not shown', () => {
  assert.deepEqual(progressLines([{ ...SIDE, nights: 0, done: 0, bytes: 0, of: 0, running: [] }]), [])
})

test('a heartbeat is one line that names the first nights', () => {
  assert.equal(
    progressLine(SIDE),
    'at work   converting 3 of 20 nights done; ztf_public_20200101 1.3 of 8.8 GiB, 25,000 alerts; ' +
      'ztf_public_20200102 512.0 MiB of 2.0 GiB, 1 alert; 240.0 MiB/s, 3 min left',
  )
  const running = Array.from({ length: 64 }, (_, i) => ({ stem: `night ${i}`, bytes: 1, of: 2, alerts: 3 }))
  assert.match(progressLine({ ...SIDE, running }), /night 2 1 of 2 B, 3 alerts; 61 more; 240\.0 MiB\/s/)
  assert.match(
    progressLine(FETCHING),
    /fetching 3 of 20 nights, 2 failed done; ztf_public_20200103 0 of 1\.0 GiB, waiting;/,
  )
})

test('the time left is said in words, and not where it cannot be told', () => {
  assert.deepEqual(
    [1, 59.5, 61, 5400, 49 * 3600, 1e9].map(seconds => eta(seconds * 1000, 1000)[0]),
    ['1 s left', '60 s left', '2 min left', '2 h left', '3 days left', '11,575 days left'],
  )
  assert.deepEqual([eta(10, 0), eta(10, undefined), eta(0, 0), eta(-5, 0)], [[], [], [], []])
  assert.deepEqual(eta(-5, 10), ['0 s left'])
  for (const rate of [0, undefined, 1e-300])
    assert.doesNotMatch(
      [...progressLines([{ ...SIDE, rate, of: 0, bytes: 0 }]), progressLine({ ...SIDE, rate })].join(),
      /NaN|Inf/,
    )
})

test('a rate is that of the last minute, is never below zero, and is not told at first', () => {
  const meter = new RateMeter()
  assert.deepEqual(
    [
      [0, 0],
      [500, 400],
      [1000, 1000],
      [2000, 4000],
      [60_000, 4000],
      [62_000, 4000],
      [63_000, 0],
    ].map(([at, bytes]) => meter.rate(at as number, bytes as number)),
    [undefined, undefined, 1000, 2000, 4000 / 60, 0, 0],
  )
})

test('make status tells how far a download is, over all that -j has at work', async t => {
  const nights = ['20180713', '20191003'].map(night => makeNight({ night, alerts: 60, stamps: 'real' }))
  const space = await Workspace.open(t, nights)
  await space.make('uris')
  space.archive.bytesPerSecond = 400_000
  const { ran } = space.start('download -j2')
  const shown = (out: string) => [...out.matchAll(/^ {2}(ztf_public_\d+) +\S+ +(?!0 )(\S+ .*of .*iB)/gm)]
  const amounts = new Map<string, Set<string>>()
  const grown = () => [...amounts.values()].filter(({ size }) => size > 1).length
  while (grown() < 2) {
    const { out } = await space.make('status')
    for (const [, stem = '', amount = ''] of shown(out)) amounts.set(stem, (amounts.get(stem) ?? new Set()).add(amount))
    if (amounts.size === 0) continue
    assert.match(out, /^make download is at work since \S+ \(process \d+ on \S+\)\nfetching \d of 2 nights /m)
  }
  space.archive.bytesPerSecond = Infinity
  const { status, err } = await ran
  assert.deepEqual([status, err], [0, ''])
  assert.doesNotMatch((await space.make('status')).out, /at work/)
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})

test('make status tells how far a conversion is, with its alerts, and nothing is left of that', async t => {
  const { space, env, wait } = await halfWay(t)
  const { ran } = space.start('lake', { env })
  const out = await until(space, /^ {2}ztf_public_20180713 .* alerts$/m)
  assert.match(out, /^make lake is at work since \S+ \(process \d+ on \S+\)\nconverting 0 of 1 night /m)
  assert.match(out, /^ {2}ztf_public_20180713 +\[#+-+\] +2\.0 of \d\.\d MiB .*[1-9]\d* alerts$/m)
  await rm(wait)
  assert.equal((await ran).status, 0)
  assert.doesNotMatch((await space.make('status')).out, /at work/)
  const names = await readdir(space.paths.data, { recursive: true })
  assert.deepEqual(
    names.filter(name => name.includes('progress')),
    [],
  )
})

test('make status tells how far a check is, which ends with its make', async t => {
  const { space, env, wait } = await halfWay(t)
  assert.equal((await space.make('lake')).status, 0)
  const first = space.start('check DEEP=1', { env })
  const out = await until(space, /^checking 0 of 1 night /m)
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

test('what a killed run has left is not taken for a run, and goes with the next', async t => {
  const { space, env, wait } = await halfWay(t)
  const { child, ran } = space.start('lake', { env, detached: true })
  await until(space, /^ {2}ztf_public_20180713 .* alerts$/m)
  process.kill(-(child.pid as number), 'SIGKILL')
  await ran
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

test('without a terminal a line is said when nothing was said for a while, and only then', async t => {
  const folder = await temporaryFolder(t)
  const options = { cwd: import.meta.dirname }
  const child = (beat: number, onOut?: (text: string) => void) =>
    start('node', ['--import', 'tsx', 'support/watch-child.ts', folder, String(beat)], {
      ...options,
      ...(onOut && { onOut }),
      keepInput: true,
    })
  const beating = child(0, () => beating.child.stdin?.end())
  const { out, err } = await beating.ran
  assert.deepEqual(
    [out.split('\n')[0], err],
    ['at work   converting 0 of 1 night done; ztf_public_20200101 2.0 of 8.0 MiB, 40 alerts', ''],
  )

  const silent = child(3_600_000)
  while (!existsSync(join(folder, 'lock/lake.progress'))) await sleep(20)
  silent.child.stdin?.end()
  assert.equal((await silent.ran).out, '')
})

for (const [settings, what] of [
  ['', 'in colours'],
  ['NO_COLOR=1', 'without colours where NO_COLOR is set'],
] as const)
  test(`a terminal shows a live view below the results, ${what}, and has its cursor back in the end`, async t => {
    const { space, wait } = await halfWay(t)
    const typescript = join(space.folder, 'typescript')
    const ran = inTerminal(space, typescript, settings)
    const isShown = async () => existsSync(typescript) && /2\.0 of /.test(await readFile(typescript, 'utf8'))
    while (!(await isShown())) await sleep(20)
    await rm(wait)
    assert.equal((await ran).status, 0)
    const text = await readFile(typescript, 'utf8')
    assert.match(text, /converting 0 of 1 night {2}\[/)
    // Nothing is left of the view before the line of a result.
    assert.ok(text.includes(`${ERASED}converted ztf_public_20180713 `))
    assert.ok(text.lastIndexOf(SHOW) > text.lastIndexOf(HIDE))
    assert.equal(text.includes(CYAN), settings === '')
    // Each line fits a terminal of 60 columns.
    for (const line of text.split('\n').filter(line => line.includes('[#')))
      assert.ok(stripVTControlCharacters(line).trimEnd().length < 60, line)
  })

test('a terminal that only types shows no view', async t => {
  const { space, wait } = await halfWay(t)
  await rm(wait)
  const typescript = join(space.folder, 'typescript')
  assert.equal((await inTerminal(space, typescript, 'TERM=dumb')).status, 0)
  const text = await readFile(typescript, 'utf8')
  assert.match(text, /^converted ztf_public_20180713 /m)
  assert.ok(!text.includes('\x1b'))
})

/** A workspace with a tarball on disk, whose conversion stops after its first 2 MiB until the file `wait` is gone. */
async function halfWay(t: TestContext) {
  const space = await Workspace.open(t, [makeNight({ night: '20180713', alerts: 100, stamps: 'real' })])
  await space.make('uris')
  await space.make('download')
  const wait = join(space.folder, 'wait')
  await writeFile(wait, '')
  return { space, wait, env: { NODE_OPTIONS: `--import ${HALF_WAY}`, WAIT: wait } }
}

/** Asks `make status` until it says something; returns all that it said. */
async function until(space: Workspace, what: RegExp): Promise<string> {
  for (;;) {
    const { out } = await space.make('status')
    if (what.test(out)) return out
  }
}

/** Runs make lake in a terminal of 60 columns, which a file keeps. */
function inTerminal({ paths, uris, folder }: Workspace, typescript: string, settings: string) {
  const line = `stty cols 60 rows 20; ${settings} make lake DATA=${paths.data} URIS=${uris}`
  const env = { TERM: 'xterm', NODE_OPTIONS: `--import ${HALF_WAY}`, WAIT: join(folder, 'wait') }
  return run('script', ['-qefc', line, typescript], { env })
}
