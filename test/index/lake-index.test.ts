import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { literalPath, query } from '../../lib/core/duckdb.ts'
import { type AlertPlace, LakeIndex } from '../../lib/index/lake-index.ts'
import type { Paths } from '../../lib/paths.ts'
import { parseSelection, type Selection } from '../../lib/selection.ts'
import { convert, dataFolder, listed, nightOf } from '../support/data-folder.ts'
import { makeEarlier, runIndexUpdate } from '../support/index-lake.ts'
import type { Row } from '../support/lake-reader.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { emptyNight, makeNight, readableAlerts } from '../support/night.ts'

const OBJECTS = ['ZTF18aaaaaac', 'ZTF18aaaaaaa', 'ZTF18aaaaaab'] as const
const edit = (_: Row, i: number) => ({ objectId: OBJECTS[i % 3] })
const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12, edit }),
  makeNight({ night: '20191003', alerts: 17, edit, duplicates: [4] }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 6, edit }),
  makeNight({ night: '20191031', alerts: 5, edit }),
  makeNight({ night: '20250325', alerts: 8, edit }),
  emptyNight('20250326', 'tar'),
]
const ALL: Selection = () => true

test('finds the alerts of objects, each at its place in the lake', async t => {
  const paths = await indexedLake(t)
  const [first, second] = OBJECTS
  const places = await (await LakeIndex.open(paths)).findAlerts([first, second, 'ZTF99unknown', first], ALL)
  assert.deepEqual(keysOf(places), keysIn(ALL, first, second))
  for (const place of places) await assertInPlace(place)
  assert.deepEqual(await (await LakeIndex.open(paths)).findAlerts(['ZTF99unknown', "it's not a name"], ALL), [])
  assert.deepEqual(await (await LakeIndex.open(paths)).findAlerts([], ALL), [])
})

for (const nights of ['2019', '201910', '20191003', '20180101..20191003', '20191031,2025'])
  test(`finds the alerts of an object in selected nights: ${nights}`, async t => {
    const paths = await indexedLake(t)
    const selection = parseSelection(nights)
    const places = await (await LakeIndex.open(paths)).findAlerts([OBJECTS[0]], selection)
    assert.deepEqual(keysOf(places), keysIn(selection, OBJECTS[0]))
    assert.ok(places.length > 0)
  })

test('finds an alert by its candid', async t => {
  const paths = await indexedLake(t)
  for (const { alerts, name } of NIGHTS)
    for (const { values } of alerts) {
      const place = (await (await LakeIndex.open(paths)).findAlert(values.candid as bigint)) ?? assert.fail()
      assert.deepEqual([place.night.name, place.objectId], [name, values.objectId])
      await assertInPlace(place)
    }
  // The night after the last one has no alerts.
  const unknown = [0, 4].map(i => (NIGHTS[i]?.alerts[0]?.values.candid as bigint) + 1n)
  for (const candid of [0n, -1n, 2n ** 63n - 1n, ...unknown])
    assert.equal(await (await LakeIndex.open(paths)).findAlert(candid), undefined)
})

test('finds alerts of a republished night in its new files', async t => {
  const paths = await indexedLake(t)
  const revised = makeNight({ night: '20191003', alerts: 9, seed: 2, edit })
  await convert(paths, revised, { alertsPerFile: 4 }, listed(revised))
  assert.deepEqual(
    (await LakeIndex.open(paths))
      .missing(ALL)
      .map(({ stem }) => stem)
      .sort(),
    ['ztf_public_20191003', 'ztf_public_20191003_programid3', 'ztf_public_20191031'],
  )
  await runIndexUpdate(paths)
  const places = await (await LakeIndex.open(paths)).findAlerts(OBJECTS, parseSelection('20191003'))
  assert.equal(places.length, 15)
  for (const place of places) await assertInPlace(place)
})

test('returns the nights that are not in the index yet', async t => {
  const paths = await indexedLake(t)
  assert.deepEqual((await LakeIndex.open(paths)).missing(ALL), [])
  for (const tarball of [makeNight({ night: '20210401', alerts: 2, edit }), emptyNight('20210402', 'tar')])
    await convert(paths, tarball)
  const stems = async (selection = ALL) => (await LakeIndex.open(paths)).missing(selection).map(({ stem }) => stem)
  assert.deepEqual(await stems(), ['ztf_public_20210401'])
  assert.deepEqual(await stems(parseSelection('2019')), [])
  assert.deepEqual(keysOf(await (await LakeIndex.open(paths)).findAlerts(OBJECTS, ALL)), keysIn(ALL, ...OBJECTS))
  await runIndexUpdate(paths)
  assert.deepEqual(await stems(), [])
  assert.equal((await (await LakeIndex.open(paths)).findAlerts(OBJECTS, parseSelection('2021'))).length, 2)
})

test('asks for make index if there is no index, or it has a night that is not in the lake', async t => {
  const paths = await dataFolder(t)
  await assert.rejects(
    (await LakeIndex.open(paths)).findAlerts([...OBJECTS], ALL),
    /lake has no nights: run make lake first$/,
  )
  for (const night of NIGHTS) await convert(paths, night)
  await assert.rejects(
    (await LakeIndex.open(paths)).findAlerts([...OBJECTS], ALL),
    /index has no index of the lake: run make index$/,
  )
  await runIndexUpdate(paths)
  await assert.rejects(
    (await LakeIndex.open(paths)).findAlerts([...OBJECTS], parseSelection('2022')),
    /index has none of the selected nights/,
  )
  await rm(paths.manifest(nightOf(NIGHTS[3]?.name ?? '')))
  await assert.rejects(
    (await LakeIndex.open(paths)).findAlerts([...OBJECTS], ALL),
    /index has an alert of ztf_public_20191031, which is not in the lake: run make index$/,
  )
})

test('leaves out the alerts of moved nights, says so, and has their candidates', async t => {
  const paths = await indexedLake(t)
  assert.equal((await LakeIndex.open(paths)).movedNote(ALL), undefined)
  const [first = assert.fail(), second = assert.fail()] = NIGHTS
  await move(paths, first)
  await move(paths, NIGHTS[5] ?? assert.fail())
  const index = await LakeIndex.open(paths)
  const note = (selection: Selection) => [index.movedNote(selection), index.note(selection)]
  assert.deepEqual(note(ALL), [`note: the answer lacks 1 night that was moved to ${ADDRESS}`, undefined])
  assert.deepEqual(note(parseSelection('2019,2025')), [undefined, undefined])
  const here = (date: string) => date > '2019'
  assert.deepEqual(keysOf(await index.findAlerts(OBJECTS, ALL)), keysIn(here, ...OBJECTS))
  const count = (table: string) => query(`select count(*)::int as n from ${table}`)
  assert.deepEqual(await count(index.candidatesTable(ALL)), [{ n: 48 }])
  assert.deepEqual(await count(index.table('objects', ALL)), [{ n: 48 }])
  const { candid } = first.alerts[0]?.values ?? assert.fail()
  await assert.rejects(index.findAlert(candid as bigint), {
    message: `alert ${candid} is in ztf_public_20180713, which was moved to ${ADDRESS}, and can only be read there`,
  })
  await move(paths, second, '/mnt/lake')
  const both = (await LakeIndex.open(paths)).movedNote(ALL)
  assert.equal(both, `note: the answer lacks 2 nights that were moved to /mnt/lake and ${ADDRESS}`)
})

test('finds an alert that was moved with one night in another night that is here', async t => {
  const paths = await dataFolder(t)
  // The candid of an alert of the first night, in a tarball of the next date.
  const first = makeNight({ night: '20191003', alerts: 3 })
  const { candid } = first.alerts[1]?.values ?? assert.fail()
  const second = makeNight({ night: '20191004', alerts: 3, edit: (_, i) => (i === 2 ? { candid } : {}) })
  for (const night of [first, second]) await convert(paths, night)
  await move(paths, first)
  const place = (await (await LakeIndex.open(paths)).findAlert(candid as bigint)) ?? assert.fail()
  assert.equal(place.night.name, second.name)
})

test('tells how to make a candidates file that is missing', async t => {
  const paths = await indexedLake(t)
  const [{ name, alerts } = assert.fail()] = NIGHTS
  const missing = paths.candidatesFile(nightOf(name))
  const asksFor = async (command: string) =>
    assert.rejects((await LakeIndex.open(paths)).findAlert(alerts[0]?.values.candid as bigint), {
      message: `${missing} is missing: run make ${command}`,
    })
  await rm(missing)
  await asksFor('repair')
  await makeEarlier(paths)
  await asksFor('index')
})

test('makes a table of the candidates of selected nights', async t => {
  const paths = await indexedLake(t)
  const sums = async (selection: Selection) =>
    query(
      `select count(*)::int as alerts, min(year * 10000 + month * 100 + day)::int as first, any_value(typeof(day)) as type
       from ${await (await LakeIndex.open(paths)).candidatesTable(selection)}`,
    )
  assert.deepEqual(await sums(ALL), [{ alerts: 48, first: 20180713, type: 'INTEGER' }])
  assert.deepEqual(await sums(parseSelection('201910')), [{ alerts: 28, first: 20191003, type: 'INTEGER' }])
  await assert.rejects(
    async () => (await LakeIndex.open(paths)).candidatesTable(parseSelection('20250326')),
    /candidates has none of the selected nights/,
  )
  await makeEarlier(paths)
  await assert.rejects(
    async () => (await LakeIndex.open(paths)).candidatesTable(parseSelection('2019')),
    /candidates lacks 3 nights of the lake, which an earlier version converted: run make index$/,
  )
})

test('makes a table of each order of the index in selected nights', async t => {
  const paths = await indexedLake(t)
  for (const order of ['objects', 'positions'] as const)
    for (const [nights, alerts] of [
      ['', 48],
      ['2019', 28],
      ['20191003', 23],
      ['20191004..20251231', 13],
    ] as const) {
      const table = await (await LakeIndex.open(paths)).table(order, parseSelection(nights))
      const [row] = await query(`select count(*)::int as n, min(year)::int as year from ${table}`)
      assert.deepEqual(row, { n: alerts, year: nights === '' ? 2018 : 2019 }, `${order} ${nights}`)
    }
})

/** A lake of `NIGHTS`, with several files per night, and its index. */
async function indexedLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night, { alertsPerFile: 4 })
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  return paths
}

/** Asserts that the lake has the alert in this row of this file. */
async function assertInPlace({ objectId, candid, path, row }: AlertPlace): Promise<void> {
  const found = await query(
    `select objectId, candid from read_parquet(${literalPath(path)}, file_row_number = true) where file_row_number = ${row}`,
  )
  assert.deepEqual(found, [{ objectId, candid }])
}

function keysOf(places: readonly AlertPlace[]): string[] {
  return places.map(({ objectId, candid, night }) => `${objectId} ${candid} ${night.stem}`)
}

/** Objects, candids and nights of all alerts of some objects, in the order of objects and candids. */
function keysIn(selection: Selection, ...objects: string[]): string[] {
  const keys = NIGHTS.filter(({ name }) => selection(nightOf(name).date)).flatMap(night =>
    readableAlerts(night)
      .filter(({ values }) => objects.includes(values.objectId as string))
      .map(({ values }) => `${values.objectId} ${values.candid} ${nightOf(night.name).stem}`),
  )
  // All candids have 18 or 19 digits.
  const key = (text: string) => text.replace(/ (\d+)/, (_, candid: string) => ` ${candid.padStart(19, '0')}`)
  return keys.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
