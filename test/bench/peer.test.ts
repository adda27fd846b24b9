import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { BenchNights } from '../../lib/bench/nights.ts'
import { type Peer, parsePeer, peerTrial } from '../../lib/bench/peer.ts'
import { prepareTrials } from '../../lib/bench/rows.ts'
import { timeInTurn } from '../../lib/bench/timing.ts'
import { literal, query } from '../../lib/core/duckdb.ts'
import { exists } from '../../lib/core/files.ts'
import { run } from '../../lib/core/shell.ts'
import { temporaryFolder } from '../support/folder.ts'

const ALERTS = 3
const NO_TIME = (await run('env', ['time', '-f', '%M', 'true'])).exitCode !== 0 && 'GNU time not found (Debian: time)'
const TWO = ['20191101', '20250301']

test('without PEER, the benchmarks have no rows of a peer', async t => {
  assert.deepEqual([await parsePeer(undefined), await parsePeer(' ')], [undefined, undefined])
  const trials = await prepareTrials(await temporaryFolder(t), ['lake'], ALERTS)
  assert.ok(trials.every(({ name }) => name.startsWith('make ') || name === 'the same with zstd'))
})

test('refuses a PEER that is missing, not executable or a folder', async t => {
  const folder = await temporaryFolder(t)
  const text = join(folder, 'notes.txt')
  await writeFile(text, '')
  for (const path of [join(folder, 'absent'), text, folder, join(text, 'below')])
    await assert.rejects(parsePeer(path), { message: `PEER is '${path}': expected the path of an executable file` })
})

test('rows of a peer have its name, follow those of make lake, and are compared with inflating', {
  skip: NO_TIME,
}, async t => {
  const folder = await temporaryFolder(t)
  const trials = await prepareTrials(folder, ['lake'], ALERTS, await peerThat(folder, 'exit 0'))
  const rows = trials.map(({ name, alerts, baseline }, i) => [trials[i - 1]?.name, name, alerts, baseline])
  assert.deepEqual(
    rows.filter(([, name]) => String(name).startsWith('my peer')),
    [
      ['make lake, one night, one worker', 'my peer, one night', ALERTS, 'inflating one night'],
      [
        'make lake, two nights, two workers',
        'my peer, two nights, side by side',
        2 * ALERTS,
        'inflating two, side by side',
      ],
    ],
  )
})

test('measures a peer: time, peak memory, and the size of the tars relative to its lake', {
  skip: NO_TIME,
}, async t => {
  const { folder, nights, parquet } = await setUp(t)
  const peer = await peerThat(folder, `out="\${1#*:}"; mkdir "$out"; test -f "\${1%:*}"; cp '${parquet}' "$out"`)
  for (const count of [1, 2]) {
    const trial = await peerTrial(peer, 'nights', nights, count)
    const [timing] = await timeInTurn([trial], 2)
    assert.ok((timing?.cpu ?? 0) > 0)
    const { memory = 0, ratio = 0 } = timing?.lake ?? {}
    assert.ok(memory > 2 ** 18 && memory < 2 ** 28, `${memory} bytes`)
    assert.equal(ratio, (await nights.tarBytes(count)) / (count * (await stat(parquet)).size))
    assert.equal(await exists(join(nights.paths.data, 'peer')), false)
  }
})

test('fails if a peer fails, or omits an alert', { skip: NO_TIME }, async t => {
  const { folder, nights, parquet } = await setUp(t)
  const measure = async (script: string) =>
    timeInTurn([await peerTrial(await peerThat(folder, script), '', nights, 2)], 1)
  await assert.rejects(measure('case "$1" in *20191101*) exit 3;; esac'), /^Error: this failed \(3\): /)
  await assert.rejects(measure('case "$1" in *20250301*) exit 4;; esac'), /^Error: this failed \(4\): /)
  const message = /my peer wrote 3 alerts, expected 6 alerts$/
  await assert.rejects(measure(`case "$1" in *0301*) mkdir "\${1#*:}"; cp '${parquet}' "\${1#*:}";; esac`), message)
})

/** A program, with a space in its name, that runs a script. */
async function peerThat(folder: string, script: string): Promise<Peer> {
  const path = join(folder, 'my peer')
  await writeFile(path, `#!/bin/sh -eu\n${script}\n`, { mode: 0o755 })
  return (await parsePeer(path)) as Peer
}

/** Two nights, and a Parquet file with as many rows as a night has alerts. */
async function setUp(t: TestContext): Promise<{ folder: string; nights: BenchNights; parquet: string }> {
  const folder = await temporaryFolder(t)
  const nights = await BenchNights.create(join(folder, "night's data"), TWO, ALERTS)
  const parquet = join(folder, 'rows.parquet')
  await query(`copy (from range(${ALERTS})) to ${literal(parquet)}`)
  return { folder, nights, parquet }
}
