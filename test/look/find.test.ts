import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { remove } from '../../lib/core/files.ts'
import { LakeIndex } from '../../lib/index/lake-index.ts'
import * as look from '../../lib/look/find.ts'
import { readStamp } from '../../lib/look/stamps.ts'
import { candidDates } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import type { Selection } from '../../lib/selection.ts'
import { nightName } from '../../lib/synthetic/night.ts'
import { SUPERNOVA, type Visit, visits } from '../../lib/synthetic/supernova.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { makeIndex } from '../support/index.ts'
import { ask } from '../support/lake-reader.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'
import { realLake } from '../support/real-lake.ts'
import { NO_ARCHIVE } from '../support/shared.ts'
import {
  corruptOtherNights,
  corruptOtherStamps,
  DETECTED,
  dateOfCandid,
  NEWEST,
  NIGHTS,
  supernovaLake,
} from '../support/supernova-lake.ts'

const ALL = () => true
const FIRST = DETECTED[0] as Visit

before(() => assert.ok(DETECTED.length > 12 && visits().some(({ isDetected }) => !isDetected)))

test('an object has each detection and each limit once, however many alerts list it', async t => {
  const { points, alerts, candid } = await findObject(await supernovaLake(t), SUPERNOVA.objectId, ALL)
  assert.deepEqual([alerts, candid], [DETECTED.length, NEWEST.candid])
  assert.deepEqual(
    points
      .filter(({ kind }) => kind === 'detection')
      .map(({ jd, band, mag, error, isFainter, candid }) => [jd, band, mag, error, isFainter, candid]),
    DETECTED.map(({ jd, fid, mag, error, candid }) => [jd, 'gri'[fid - 1], mag, error, false, String(candid)]),
  )
  const listed = visits().filter(({ jd }) => jd > FIRST.jd - 30 && jd < NEWEST.jd)
  assert.deepEqual(
    points.filter(({ kind }) => kind === 'limit').map(({ jd, mag }) => [jd, mag]),
    listed.filter(({ isDetected }) => !isDetected).map(({ jd, limit }) => [jd, limit]),
  )
  assert.deepEqual(
    points.filter(({ kind }) => kind.startsWith('forced')).map(({ jd }) => jd),
    listed.map(({ jd }) => jd),
  )
})

test('forced photometry agrees with the detections', async t => {
  const { points } = await findObject(await supernovaLake(t), SUPERNOVA.objectId, ALL)
  const forced = points.filter(({ kind }) => kind === 'forced')
  assert.ok(forced.length > 5)
  for (const { jd, mag, error } of forced) {
    const visit = visits().find(visit => visit.jd === jd) as Visit
    assert.ok(Math.abs(mag - visit.mag) < 6 * (error + visit.error), `${mag} ${visit.mag}`)
  }
})

test('finding an object reads no stamps but those of its newest, brightest and first alert', async t => {
  const paths = await supernovaLake(t)
  const intact = await findObject(paths, SUPERNOVA.objectId, ALL)
  const brightest = DETECTED.reduce((a, b) => (b.mag < a.mag ? b : a))
  const [first, newest] = [FIRST, NEWEST].map(({ candid }) => candid)
  assert.deepEqual(
    intact.shown.map(({ title, candid }) => [title, candid]),
    [
      ['Newest alert', newest],
      ['Brightest alert', brightest.candid],
      ['First alert', first],
    ],
  )
  const kept = intact.shown.map(({ candid }) => dateOfCandid(candid))
  const corrupted = await corruptOtherStamps(paths, kept)
  assert.ok(corrupted >= 3 * (NIGHTS.length - 3))
  await assert.rejects(ask(paths, 'select max(cutoutScience.stampData) from read_parquet(LAKE)'))
  assert.deepEqual(await findObject(paths, SUPERNOVA.objectId, ALL), intact)
  for (const { stamps } of intact.shown)
    assert.deepEqual(
      stamps.map(({ image }) => typeof image === 'string' || [image.width, image.height]),
      Array(3).fill([63, 63]),
    )
})

test('an alert that is the first, the brightest and the newest is shown once', async t => {
  const paths = await supernovaLake(t)
  const { shown } = await findAlert(paths, FIRST.candid)
  assert.deepEqual(
    shown.map(({ title, candid }) => [title, candid]),
    [['Alert', FIRST.candid]],
  )
})

test('an object is read in the selected nights only, but its alerts are counted in all nights', async t => {
  const paths = await supernovaLake(t)
  const last = dateOfCandid(NEWEST.candid)
  await corruptOtherNights(paths, last)
  const { alerts, shownAlerts, nights } = await findObject(paths, SUPERNOVA.objectId, date => date === last)
  assert.equal(shownAlerts, DETECTED.filter(({ candid }) => dateOfCandid(candid) === last).length)
  assert.deepEqual([alerts, nights], [DETECTED.length, [last, last]])
})

test('the nights of an object are those of its alerts, not all that were searched', async t => {
  const paths = await supernovaLake(t)
  for (const night of ['20180713', '20250325']) await convert(paths, makeNight({ night, alerts: 3, edges: 0 }))
  await makeIndex(paths)
  const { nights } = await findObject(paths, SUPERNOVA.objectId, ALL)
  assert.deepEqual(nights, [dateOfCandid(FIRST.candid), dateOfCandid(NEWEST.candid)])
})

test('an alert is read with its own history, without reading other nights', async t => {
  const paths = await supernovaLake(t)
  const { candid, jd } = DETECTED[3] as Visit
  await corruptOtherNights(paths, dateOfCandid(candid))
  const found = await findAlert(paths, candid)
  assert.deepEqual([found.candid, found.objectId], [candid, SUPERNOVA.objectId])
  assert.deepEqual([found.shownAlerts, found.alerts], [1, DETECTED.length])
  assert.ok(found.points.some(point => point.candid === String(candid)))
  assert.ok(found.points.every(point => point.jd <= jd))
})

test('an alert is found in the night before or after that of its candid', async t => {
  const [own = '', ...neighbours] = candidDates(NEWEST.candid)
  const { bytes } = NIGHTS.find(({ name }) => name.includes(own)) ?? assert.fail()
  for (const neighbour of neighbours) {
    const paths = await dataFolder(t)
    await convert(paths, { name: nightName(neighbour), bytes })
    await makeIndex(paths)
    const { candid, nights } = await findAlert(paths, NEWEST.candid)
    assert.deepEqual([candid, nights[0]], [NEWEST.candid, neighbour])
  }
})

test('an alert in two tarballs counts once', async t => {
  const paths = await dataFolder(t)
  const { name, bytes } = NIGHTS.at(-1) ?? assert.fail()
  await convert(paths, { name, bytes })
  const once = await findAfterIndexing(paths)
  await convert(paths, { name: nightName('20250325'), bytes })
  const twice = await findAfterIndexing(paths)
  assert.deepEqual({ ...twice, nights: once.nights }, once)
  assert.deepEqual([once.alerts, twice.nights], [3, [once.nights[0], '20250325']])
})

test('the fields and stamps of an alert are those of the lake', async t => {
  const paths = await supernovaLake(t)
  const { candidate, shown } = await findAlert(paths, NEWEST.candid)
  const [row] = await ask(paths, `select candidate.* from read_parquet(LAKE) where candid = ${NEWEST.candid}`)
  assert.deepEqual(candidate, row)
  const alert = NIGHTS.flatMap(({ alerts }) => alerts).find(({ values }) => values.candid === NEWEST.candid)
  const { stampData } = (alert ?? assert.fail()).values.cutoutScience as { stampData: Uint8Array }
  assert.deepEqual(shown[0]?.stamps[0], readStamp('Science', stampData))
})

test('the error for a missing object or alert names the nights searched', async t => {
  const paths = await supernovaLake(t)
  const [first, last] = [NIGHTS[0]?.name.slice(11, 19), NIGHTS.at(-1)?.name.slice(11, 19)]
  await assert.rejects(findObject(paths, 'ZTF18aaaaaaa', ALL), {
    message: `ZTF18aaaaaaa has no alert in ${paths.lake}: searched 8 nights, from ${first} to ${last}`,
  })
  await assert.rejects(
    findObject(paths, 'ZTF18aaaaaaa', date => date === first),
    { message: `ZTF18aaaaaaa has no alert in ${paths.lake}: searched 1 night, ${first}` },
  )
  await assert.rejects(findAlert(paths, 516401800615015114n), {
    message: `candid 516401800615015114 is not in ${paths.lake}: searched the nights 20180601, 20180602, 20180531, which its first digits give`,
  })
})

test('the error for a lake without an index names make index', async t => {
  const paths = await supernovaLake(t)
  await remove(paths.index)
  const message = `${paths.index} has no index of the lake: run make index`
  await assert.rejects(findObject(paths, SUPERNOVA.objectId, ALL), { message })
  await assert.rejects(findAlert(paths, NEWEST.candid), { message })
})

test('real objects have every detection that their alerts list, and real candids their night', {
  skip: NO_ARCHIVE,
}, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  await makeIndex(paths)
  for (const objectId of ['ZTF18aaiscil', 'ZTF17aaaedmd', 'ZTF18abdgukn']) {
    const [{ ids } = {}] = await ask(
      paths,
      `select list_sort(list_distinct(flatten(list(list_append(
         coalesce(list_transform(prv_candidates, p -> p.candid), []), candid)))))::varchar ids
       from read_parquet(LAKE) where objectId = '${objectId}'`,
    )
    const { points } = await findObject(paths, objectId, ALL)
    const found = points.flatMap(({ candid }) => (candid ? BigInt(candid) : [])).sort((a, b) => Number(a - b))
    assert.equal(`[${found.join(', ')}]`, String(ids).replace('NULL, ', '').replace(', NULL', ''))
    assert.ok(found.length > 10)
  }
  const rows = await ask(
    paths,
    'select candid, parse_filename(filename)[12:19] as date from read_parquet(LAKE, filename = true)',
  )
  assert.equal(rows.length, 1644)
  // These nights were put together from alerts of other nights.
  const others = rows.filter(({ candid, date }) => dateOfCandid(candid as bigint) !== date).map(({ date }) => date)
  assert.deepEqual([...new Set(others)].sort(), [
    '20191003',
    '20191224',
    '20200113',
    '20200202',
    '20200307',
    '20210301',
  ])
})

test('an object is shown without the alerts of moved nights, and an error names the address if none is left', async t => {
  const paths = await supernovaLake(t)
  const newest = NIGHTS.find(({ name }) => name.includes(dateOfCandid(NEWEST.candid))) ?? assert.fail()
  await move(paths, newest)
  const { candid, alerts } = await findObject(paths, SUPERNOVA.objectId, ALL)
  const left = DETECTED.filter(visit => dateOfCandid(visit.candid) !== dateOfCandid(NEWEST.candid))
  assert.deepEqual([candid, alerts], [left.at(-1)?.candid, left.length])
  await assert.rejects(findAlert(paths, NEWEST.candid), {
    message: new RegExp(
      `^alert ${NEWEST.candid} is in \\w+, which was moved to ${ADDRESS}, and can only be read there$`,
    ),
  })
  await assert.rejects(
    findObject(paths, SUPERNOVA.objectId, date => date === dateOfCandid(NEWEST.candid)),
    { message: new RegExp(`searched 0 nights, \\d+, but not 1 night that was moved to ${ADDRESS}$`) },
  )
})

async function findAfterIndexing(paths: Paths): Promise<look.ObjectData> {
  await makeIndex(paths)
  return findObject(paths, SUPERNOVA.objectId, ALL)
}

async function findObject(paths: Paths, objectId: string, selection: Selection): Promise<look.ObjectData> {
  return look.findObject(paths, await LakeIndex.open(paths), objectId, selection)
}

async function findAlert(paths: Paths, candid: bigint): Promise<look.ObjectData> {
  return look.findAlert(paths, await LakeIndex.open(paths), candid)
}
