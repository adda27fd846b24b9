import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertLakeOfOneRun, holdRuns, lockHolder, NIGHTS, prepare } from '../support/held-runs.ts'
import { stemsIn } from '../support/output.ts'
import type { Ran, Running } from '../support/run.ts'

for (const target of ['lake', 'download -j2', 'all -j2', 'all -j2 KEEP_TARS=no'])
  test(`of two make ${target} at once one works, and the other names it and stops`, async t => {
    const { space, options, release } = await holdRuns(t)
    await prepare(space, target)
    const { first: refused, other } = await firstToEnd([space.start(target, options), space.start(target, options)])
    const [command] = target.split(' ')
    const message = new RegExp(
      `^error: make ${command} \\(process (\\d+) on ${hostname()}, since \\S+\\) is using `,
      'm',
    )
    const named = Number(message.exec(refused.err)?.[1] ?? assert.fail(refused.err))
    assert.equal(refused.status, 2)
    assert.equal(named, await lockHolder(space, command === 'download' ? 'download' : 'lake'))
    assert.deepEqual([stemsIn(refused.out, 'converted'), stemsIn(refused.out, 'fetched')], [[], []])
    await release()
    const { status, out, err } = await other
    assert.deepEqual([status, err], [0, ''])
    assert.equal(stemsIn(out, command === 'download' ? 'fetched' : 'converted').length, NIGHTS.length)
    if (command === 'download') await space.make('lake')
    await assertLakeOfOneRun(t, space)
  })

test('of two make uris at once one works, and the other leaves the lists alone', async t => {
  const { space, release } = await holdRuns(t, '')
  const { first: refused, other } = await firstToEnd([space.start('uris'), space.start('uris')])
  assert.equal(refused.status, 2)
  assert.match(refused.err, /^error: make uris \(process \d+ on \S+, since \S+\) is using \S+\/uris: wait /m)
  await release()
  assert.deepEqual([(await other).status, (await readdir(space.uris)).includes('.lock')], [0, false])
})

test('make lake converts during a make download what has arrived', async t => {
  const { space, release } = await holdRuns(t)
  await prepare(space, 'download')
  const { ran } = space.start('download -j3')
  const arrived = async () => (await readdir(space.paths.tarballs).catch(() => [])).filter(name => /\.gz$/.test(name))
  await space.until(async () => (await arrived()).length === NIGHTS.length - 1)
  const { status, out } = await space.make('lake')
  assert.deepEqual([status, stemsIn(out, 'converted').length], [0, NIGHTS.length - 1])
  await release()
  assert.equal((await ran).status, 0)
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})

/** The result of the run that ends first, and the promise of the other. */
async function firstToEnd(both: readonly [Running, Running]): Promise<{ first: Ran; other: Promise<Ran> }> {
  const ends = both.map(({ ran }) => ran) as [Promise<Ran>, Promise<Ran>]
  const index = await Promise.race(ends.map((ran, i) => ran.then(() => i)))
  return { first: await (ends[index] as Promise<Ran>), other: ends[1 - index] as Promise<Ran> }
}
