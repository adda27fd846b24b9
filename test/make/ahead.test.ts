import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { MAX_ATTEMPTS } from '../../lib/archive/quarantine.ts'
import { sumsText } from '../support/archive-table.ts'
import { nightOf } from '../support/data-folder.ts'
import { makeGate } from '../support/gate.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { stemsIn } from '../support/output.ts'
import { killDownload } from '../support/processes.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401', '20250325'].map(night => makeNight({ night, alerts: 8 }))
const [FIRST, SECOND, THIRD] = NIGHTS as [SyntheticNight, SyntheticNight, SyntheticNight]
const STEMS = NIGHTS.map(({ name }) => nightOf(name).stem)
const [first, second, third] = STEMS as [string, string, string]
const LOG_READS = `--import ${pathToFileURL(join(import.meta.dirname, '../support/log-reads.mjs'))}`
/** A run that waits for itself fails its test. */
const LIMITED = { timeout: 120_000 }

test('downloads are at most AHEAD bytes ahead of the conversion', LIMITED, async t => {
  const space = await Workspace.open(t, NIGHTS)
  // Enough for two of the first three nights, not for all three.
  const most = [FIRST, SECOND, THIRD].reduce((sum, { bytes }) => sum + bytes.length, -FIRST.bytes.length / 2)
  const thirdWaits = makeGate()
  const tooEarly: string[] = []
  for (const [i, { name, bytes }] of NIGHTS.entries())
    space.archive.faults.set(name, {
      before: async () => {
        const queued = NIGHTS.slice(0, i).filter(night => !space.isInLake(night))
        const total = queued.reduce((sum, night) => sum + night.bytes.length, bytes.length)
        if (total > most) tooEarly.push(name)
        // The first arrives after the third has started to wait, or was requested too early.
        if (i >= 2) thirdWaits.open()
        if (i === 0) await thirdWaits.opened
      },
    })
  const { status, out, err } = await space.make(`all -j4 KEEP_TARS=no AHEAD=${Math.round(most / 1024)}K`, {
    onOut: text => text.includes(`waiting   ${third}`) && thirdWaits.open(),
  })
  assert.deepEqual([status, err, tooEarly], [0, '', []])
  const reason = 'until fewer tarballs wait to be converted: AHEAD is \\S+ KiB'
  assert.match(out, new RegExp(`^waiting +${third} +\\S+ KiB, ${reason}$`, 'm'))
  assert.deepEqual(stemsIn(out, 'converted').sort(), STEMS)
})

test('a night larger than AHEAD starts once it is the first, and a failed one holds none back', LIMITED, async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 3))
  space.archive.faults.set(FIRST.name, { status: 404 })
  const early: boolean[] = []
  space.archive.faults.set(THIRD.name, { before: async () => early.push(!space.isInLake(SECOND)) })
  const { status, out } = await space.make('all -j3 KEEP_TARS=no AHEAD=1K')
  assert.equal(status, 2)
  assert.deepEqual(stemsIn(out, 'converted'), [second, third])
  assert.ok(early.length > 0 && !early.includes(true), String(early))
})

for (const target of ['all AHEAD=0', 'download AHEAD=0 KEEP_TARS=no'])
  test(`no download waits: make ${target}`, LIMITED, async t => {
    const space = await Workspace.open(t, NIGHTS.slice(0, 2))
    await space.make('uris')
    // The first arrives only after the second was requested.
    const gate = makeGate()
    space.archive.faults.set(FIRST.name, { before: () => gate.opened })
    space.archive.faults.set(SECOND.name, { before: async () => gate.open() })
    const { status, out } = await space.make(`${target} -j2`)
    assert.deepEqual([status, stemsIn(out, 'fetched').sort()], [0, [first, second]])
  })

test('a download whose process was killed twice holds none back', LIMITED, async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  const secondWaits = makeGate()
  space.archive.faults.set(FIRST.name, {
    before: async () => {
      await secondWaits.opened
      killDownload(child.pid as number, FIRST.name)
    },
    times: 2,
  })
  const { child, ran } = space.start('all -j2 KEEP_TARS=no AHEAD=1K', {
    onOut: text => text.includes(`waiting   ${second}`) && secondWaits.open(),
  })
  const { status, out } = await ran
  assert.deepEqual([status, stemsIn(out, 'FAILED'), stemsIn(out, 'converted')], [2, [first], [second]])
})

test('a night that is given up holds none back', LIMITED, async t => {
  const wrong = `${'0'.repeat(32)}  ${FIRST.name}\n`
  const space = await Workspace.open(t, NIGHTS.slice(0, 2), { MD5SUMS: sumsText([SECOND]) + wrong })
  await space.make('uris')
  for (let i = 0; i < MAX_ATTEMPTS; i++) assert.equal((await space.make('download NIGHTS=2018')).status, 2)
  const { status, out, err } = await space.make('all -j2 KEEP_TARS=no AHEAD=0')
  assert.equal(status, 2)
  assert.match(out, new RegExp(`^${first}: given up after ${MAX_ATTEMPTS} of ${MAX_ATTEMPTS} attempts: `, 'm'))
  assert.match(err, /^error: 1 night given up: see above$/m)
  assert.deepEqual(stemsIn(out, 'converted'), [second])
})

test('a waiting download reads one small file per second, besides the check that its run lives', LIMITED, async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  const [READS, READER] = [join(space.folder, 'reads'), SECOND.name]
  const { downloadLimit } = space.paths
  const hasWaited = makeGate()
  space.archive.faults.set(FIRST.name, { before: () => hasWaited.opened })
  const began = performance.now()
  const env = { NODE_OPTIONS: LOG_READS, READS, READER }
  const { ran } = space.start('all -j2 KEEP_TARS=no AHEAD=1K', { env })
  const reads = async () => (existsSync(READS) ? (await readFile(READS, 'utf8')).trim().split('\n') : [])
  const limitReads = async () => (await reads()).filter(path => path === downloadLimit).length
  await space.until(async () => (await limitReads()) >= 4)
  const [found, seconds] = [await reads(), (performance.now() - began) / 1000]
  hasWaited.open()
  assert.equal((await ran).status, 0)
  const waiting = found.slice(found.indexOf(downloadLimit))
  const others = waiting.filter(path => path !== downloadLimit && !/^\/proc\/\d+\/stat$/.test(path))
  assert.deepEqual(others, [])
  assert.ok(waiting.length - 1 <= 2 * seconds + 2, `${waiting.length} reads in ${seconds} s`)
})
