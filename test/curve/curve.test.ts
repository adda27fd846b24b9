import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import type { Paths } from '../../lib/paths.ts'
import { SUPERNOVA, visits } from '../../lib/synthetic/supernova.ts'
import { convert } from '../support/data-folder.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'
import { type Ran, runScript } from '../support/run.ts'
import { DETECTED, NEWEST, NIGHTS, supernovaLake } from '../support/supernova-lake.ts'

const OTHER = NIGHTS[0]?.alerts.find(({ values }) => values.objectId !== SUPERNOVA.objectId)?.values.objectId as string
const UNKNOWN = ['ZTF18aaaaaaa', 'ZTF18aaaaaab', 'ZTF18aaaaaac', 'ZTF18aaaaaad']

test('make curve prints each exposure of an object once', async t => {
  const { status, out, err } = await makeCurve(await supernovaLake(t), { OBJECT: SUPERNOVA.objectId })
  assert.deepEqual([status, err], [0, ''])
  const [heading = [], ...rows] = table(out)
  const column = (name: string) => rows.map(row => row[heading.indexOf(name)])
  const kinds = column('kind')
  const detected = column('candid').filter((_, i) => kinds[i] === 'detection')
  assert.deepEqual(
    detected,
    DETECTED.map(({ candid }) => String(candid)),
  )
  const listed = visits().filter(({ jd }) => jd > (DETECTED[0]?.jd ?? 0) - 30 && jd < NEWEST.jd)
  const limits = listed.filter(({ isDetected }) => !isDetected)
  assert.deepEqual(
    ['limit', 'forced'].map(kind => kinds.filter(found => found === kind).length),
    [limits.length, listed.length],
  )
})

test('make curve writes several objects, ordered by name, in every format', async t => {
  const paths = await supernovaLake(t)
  const list = join(paths.data, 'names.csv')
  await writeFile(list, `# mine\nn,oid\n1,${SUPERNOVA.objectId}\n2,${OTHER}\n3,${OTHER}\n`)
  const { out } = await makeCurve(paths, { LIST: list })
  assert.equal((await makeCurve(paths, { OBJECT: `${SUPERNOVA.objectId},${OTHER}` })).out, out)
  const names = table(out)
    .slice(1)
    .map(([objectId = '']) => objectId)
  assert.deepEqual([...new Set(names)], [OTHER, SUPERNOVA.objectId].sort())
  assert.deepEqual(names, names.toSorted())
  for (const FORMAT of ['csv', 'ecsv', 'json', 'parquet'] as const) {
    const file = join(paths.data, `curve.${FORMAT}`)
    assert.deepEqual(await makeCurve(paths, { LIST: list, FORMAT, OUT: file }), { status: 0, out: '', err: '' })
    if (FORMAT === 'parquet')
      assert.deepEqual(
        await query(`select objectId from '${file}'`),
        names.map(objectId => ({ objectId })),
      )
    else assert.equal(await readFile(file, 'utf8'), (await makeCurve(paths, { LIST: list, FORMAT })).out)
    if (FORMAT === 'json') assert.equal(JSON.parse(await readFile(file, 'utf8')).length, names.length)
  }
})

test('make curve advises on OUT if its disk is full', { skip: NO_DISK }, async t => {
  const { folder } = await Disk.mount(t, '4k')
  for (const FORMAT of ['csv', 'parquet']) {
    const OUT = join(folder, `curve.${FORMAT}`)
    const { err } = await makeCurve(await supernovaLake(t), { OBJECT: SUPERNOVA.objectId, FORMAT, OUT })
    assert.equal(
      err,
      `error: the disk of ${folder} is full: free some space, or set OUT= to another disk, then run this again\n`,
    )
  }
})

test('make curve reads only the selected nights', async t => {
  const paths = await supernovaLake(t)
  const date = NIGHTS[0]?.name.slice(11, 19) as string
  const { out } = await makeCurve(paths, { OBJECT: SUPERNOVA.objectId, NIGHTS: date })
  const all = await makeCurve(paths, { OBJECT: SUPERNOVA.objectId })
  const detections = (text: string) => table(text).filter(row => row.includes('detection')).length
  assert.ok(detections(out) > 0 && detections(out) < detections(all.out))
})

test('make curve prints and writes nothing but an error if it finds none of the objects', async t => {
  const paths = await supernovaLake(t)
  const file = join(paths.data, 'curve.csv')
  const before = await readdir(paths.data)
  const searched = `no alert in ${paths.lake}: searched 8 nights, from `
  for (const [objects, subject] of [
    [UNKNOWN.slice(0, 1), 'ZTF18aaaaaaa has'],
    [UNKNOWN.slice(0, 2), 'ZTF18aaaaaaa, ZTF18aaaaaab have'],
    [UNKNOWN, 'ZTF18aaaaaaa, ZTF18aaaaaab, ZTF18aaaaaac and 1 other object have'],
  ] as const)
    for (const OUT of ['', file]) {
      const { status, out, err } = await makeCurve(paths, { OBJECT: objects.join(), OUT })
      assert.deepEqual([status, out, err.startsWith(`error: ${subject} ${searched}`)], [1, '', true], err)
      assert.match(err, /^[^\n]+\n$/)
    }
  assert.deepEqual(await readdir(paths.data), before)
})

test('make curve writes the objects that it finds, and names the others', async t => {
  const paths = await supernovaLake(t)
  const [list, file] = [join(paths.data, 'names'), join(paths.data, 'curve.csv')]
  await writeFile(list, [SUPERNOVA.objectId, ...UNKNOWN].join('\n'))
  const { status, out, err } = await makeCurve(paths, { LIST: list })
  assert.equal(status, 1)
  assert.match(err, /^error: ZTF18aaaaaaa, ZTF18aaaaaab, ZTF18aaaaaac and 1 other object have no alert in [^\n]+\n$/)
  assert.equal(out, (await makeCurve(paths, { OBJECT: SUPERNOVA.objectId })).out)
  assert.equal((await makeCurve(paths, { LIST: list, OUT: file })).status, 1)
  assert.equal(await readFile(file, 'utf8'), out)
})

test('make curve describes wrong settings and lists in one line', async t => {
  const paths = await supernovaLake(t)
  const [list, names] = [join(paths.data, 'names'), join(paths.data, 'names.txt')]
  await writeFile(names, SUPERNOVA.objectId)
  await writeFile(list, `${SUPERNOVA.objectId}\n\nSN2011fe\n`)
  const OBJECT = SUPERNOVA.objectId
  const either = 'give either OBJECT=ZTF18aaxcyzb or LIST=names.csv'
  for (const [settings, message] of [
    [{}, either],
    [{ OBJECT, LIST: list }, either],
    [{ LIST: list }, `${list}, line 3 has 'SN2011fe': expected the name of an object, such as ZTF18aaxcyzb`],
    [{ LIST: `${list}.csv` }, `${list}.csv does not exist: was it moved, or is its disk not mounted?`],
    [{ OBJECT, FORMAT: 'table' }, "FORMAT is 'table': expected csv, ecsv, json, parquet for make curve"],
    [{ OBJECT, FORMAT: 'parquet' }, 'FORMAT=parquet needs a file: give OUT=curve.parquet'],
    [{ OBJECT, OUT: paths.data }, `OUT is '${paths.data}', which is not a regular file: give another name`],
    [
      { OBJECT, OUT: `${list}.d/x.csv` },
      `OUT is '${list}.d/x.csv': the folder ${list}.d does not exist: create it first`,
    ],
    [{ LIST: names, OUT: names }, `OUT is '${names}', which is also LIST: give another name`],
    [{ OBJECT, NIGHTS: '2019' }, `${paths.index} has none of the selected nights: give other NIGHTS`],
  ] as const) {
    assert.deepEqual(await makeCurve(paths, settings), { status: 1, out: '', err: `error: ${message}\n` })
  }
})

test('make curve prints a note about nights that the index lacks, and fails for a night that has changed since', async t => {
  const paths = await supernovaLake(t)
  const before = await makeCurve(paths, { OBJECT: SUPERNOVA.objectId })
  await convert(paths, makeNight({ night: '20250325', alerts: 3, edges: 0 }))
  const note = `note: the answer lacks 1 night that ${paths.index} does not have yet: run make index\n`
  assert.deepEqual(await makeCurve(paths, { OBJECT: SUPERNOVA.objectId }), { ...before, err: note })
  const unknown = await makeCurve(paths, { OBJECT: 'ZTF99zzzzzzz' })
  assert.match(
    unknown.err,
    /: searched 8 nights, from \d+ to \d+, but not 1 night that the index lacks: run make index\n$/,
  )
  await convert(paths, makeNight({ night: NIGHTS[0]?.name.slice(11, 19) as string, alerts: 9, edges: 0 }))
  const { status, out, err } = await makeCurve(paths, { OBJECT: SUPERNOVA.objectId })
  assert.deepEqual([status, out], [1, ''])
  assert.match(err, /\nerror: row \d+ of [^\n]+\.parquet is alert \d+ of \w+, expected \d+ of \w+: run make index\n$/)
})

test('make curve leaves out the alerts of moved nights with a note, and names where they are if none is left', async t => {
  const paths = await supernovaLake(t)
  const nights = NIGHTS.map(night => ({ night, date: night.name.slice(11, 19) }))
  const last = nights.at(-1)?.date as string
  const OBJECT = SUPERNOVA.objectId
  const alone = await makeCurve(paths, { OBJECT, NIGHTS: last })
  assert.deepEqual([alone.status, alone.out.includes('detection')], [0, true])
  for (const { night } of nights.slice(0, -1)) await move(paths, night)
  const note = `note: the answer lacks 7 nights that were moved to ${ADDRESS}\n`
  assert.deepEqual(await makeCurve(paths, { OBJECT }), { ...alone, err: note })
  assert.deepEqual(await makeCurve(paths, { OBJECT, NIGHTS: last }), alone)
  await move(paths, NIGHTS.at(-1) ?? assert.fail())
  const { status, out, err } = await makeCurve(paths, { OBJECT })
  assert.deepEqual([status, out], [1, ''])
  assert.ok(
    err.endsWith(
      `error: ${OBJECT} has no alert in ${paths.lake}: searched 0 nights, from ${nights[0]?.date} to ${last}, ` +
        `but not 8 nights that were moved to ${ADDRESS}\n`,
    ),
    err,
  )
})

function makeCurve(paths: Paths, settings: Record<string, string>): Promise<Ran> {
  return runScript('curve', { DATA: paths.data, ...settings })
}

function table(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .map(line => line.split(','))
}
