// Runs check.js and repair.js on lakes of which nights were moved.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { makeIndex } from '../support/index.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'
import { runScript } from '../support/run.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 5 }),
  makeNight({ night: '20191003', alerts: 4 }),
  futureNight('20260601', 'colour', 'double'),
  makeNight({ night: '20260602', alerts: 2 }),
]
const [FIRST] = NIGHTS
const NIGHT = nightOf(FIRST?.name ?? '')
const REMARK = `; 3 of them were moved to ${ADDRESS}: make check AT=${ADDRESS} checks them there`

for (const DEEP of ['no', 'yes'])
  test(`says how many nights were moved, and finds no fault in them: DEEP=${DEEP}`, async t => {
    const paths = await lakeWithMovedNights(t)
    const { status, out, err } = await runScript('check', { DATA: paths.data, DEEP })
    assert.deepEqual([status, err], [0, ''])
    const [line = ''] = out.trimEnd().split('\n').slice(-1)
    assert.match(line, /^4 nights, 2 alerts, [\d.]+ KiB checked in /)
    assert.ok(line.endsWith(`: all intact${REMARK}`), line)
    assert.equal(line.includes(', 4 of them against their tarballs'), DEEP === 'yes')
  })

test('make repair says how to get a candidates file of a moved night, and rebuilds nothing without it', async t => {
  const paths = await lakeWithMovedNights(t)
  const file = paths.candidatesFile(NIGHT)
  await rm(file)
  const checked = await runScript('check', { DATA: paths.data })
  assert.equal(checked.status, 1)
  assert.match(checked.out, new RegExp(`^FAILED    ${file} is missing, expected \\d+ bytes$`, 'm'))
  const { status, out } = await runScript('repair', { DATA: paths.data, URIS: join(paths.data, 'uris') })
  assert.equal(status, 1)
  const name = file.slice(paths.data.length + 1)
  const advice = `its files, from which it is made, were moved to ${ADDRESS}: copy ${ADDRESS}/${name} to ${file}`
  assert.ok(out.includes(`FAILED    ${NIGHT.stem}  it has no candidates file: ${advice}\n`), out)
})

test('make check reports the files that a crash has left of a moved night, and make repair removes them', async t => {
  const paths = await lakeWithMovedNights(t)
  const left = join(paths.partition(NIGHT), parquetOf(FIRST ?? assert.fail()))
  await mkdir(dirname(left), { recursive: true })
  await copyFile(paths.candidatesFile(NIGHT), left)
  const { status, out } = await runScript('check', { DATA: paths.data })
  assert.equal(status, 1)
  assert.ok(out.includes(`ORPHAN    ${left}  belongs to a night that was moved to ${ADDRESS}\n`), out)
  const repaired = await runScript('repair', { DATA: paths.data, URIS: join(paths.data, 'uris') })
  assert.deepEqual([repaired.status, existsSync(left), existsSync(dirname(left))], [0, false, false], repaired.err)
  assert.equal((await runScript('check', { DATA: paths.data })).status, 0)
})

test('make repair does not make _common_metadata again without the columns of moved nights', async t => {
  const paths = await lakeWithMovedNights(t)
  await writeFile(paths.commonMetadata, 'garbage')
  const { status, err } = await runScript('repair', { DATA: paths.data, URIS: join(paths.data, 'uris') })
  assert.equal(status, 1)
  assert.match(err, /^error: \S+ is missing or cannot be read, and cannot be made again, .*\n$/)
  assert.equal(await readFile(paths.commonMetadata, 'utf8'), 'garbage')
})

test('make lake removes what a crash has left of moved nights, and converts none of them', async t => {
  const paths = await lakeWithMovedNights(t)
  const left = join(paths.partition(NIGHT), parquetOf(FIRST ?? assert.fail()))
  await mkdir(dirname(left), { recursive: true })
  await writeFile(left, '')
  const added = makeNight({ night: '20260603', alerts: 2 })
  await writeFile(join(paths.tarballs, added.name), added.bytes)
  const { status, out, err } = await runScript('lake', { DATA: paths.data, URIS: join(paths.data, 'uris') })
  assert.deepEqual([status, err, existsSync(left)], [0, '', false])
  assert.deepEqual(out.match(/^converted \S+/gm), [`converted ${nightOf(added.name).stem}`])
})

test('make index has nothing to do for moved nights', async t => {
  const paths = await lakeWithMovedNights(t)
  const { status, out, err } = await runScript('index', { DATA: paths.data })
  assert.deepEqual([status, err], [0, ''])
  assert.match(out, /^nothing to index: \S+ is up to date with 4 nights\n/)
})

/** A lake of `NIGHTS` of which all but the last were moved, with its index. */
async function lakeWithMovedNights(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  for (const night of NIGHTS.slice(0, 3)) await move(paths, night)
  await makeIndex(paths)
  return paths
}
