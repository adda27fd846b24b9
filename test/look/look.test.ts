import assert from 'node:assert/strict'
import { open, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { decode } from 'fast-png'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { glob } from '../../lib/core/files.ts'
import { dateOf, sexagesimal } from '../../lib/look/astro.ts'
import { drawLegend, drawLightCurve } from '../../lib/look/chart.ts'
import { datesOf, type ObjectData, findAlert, findObject } from '../../lib/look/find.ts'
import { imageSheet, renderPng } from '../../lib/look/image.ts'
import { channelsOf, magnitude, type Point } from '../../lib/look/light-curve.ts'
import { lookPage } from '../../lib/look/page.ts'
import type { Paths } from '../../lib/paths.ts'
import { makeNight } from '../../lib/synthetic/night.ts'
import { SUPERNOVA, supernovaNights, type Visit, visits } from '../../lib/synthetic/supernova.ts'
import { NO_CHROMIUM, startChromium } from '../support/browser.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { ask } from '../support/lake-reader.ts'
import { realLake } from '../support/real-lake.ts'
import { run } from '../support/run.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

const NIGHTS = supernovaNights().slice(0, 8)
const ALL = () => true
const SEEN = visits().filter(
  ({ isDetected, candid }) => isDetected && NIGHTS.some(({ name }) => name.includes(nightOf(candid))),
)
const NEWEST = SEEN.at(-1) as Visit

before(() => assert.ok(SEEN.length > 12 && visits().some(({ isDetected }) => !isDetected)))

test('an object has each detection and each limit once, whichever alerts tell of them', async t => {
  const { points, alerts, candid } = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  assert.deepEqual([alerts, candid], [SEEN.length, NEWEST.candid])
  const detections = points.filter(({ kind }) => kind === 'detection')
  assert.deepEqual(
    detections,
    SEEN.map(({ jd, fid, mag, error, candid }) => ({
      jd,
      band: 'gri'[fid - 1],
      kind: 'detection',
      mag,
      error,
      isFainter: false,
      candid,
    })),
  )
  const first = SEEN[0] as Visit
  const recalled = visits().filter(({ jd }) => jd > first.jd - 30 && jd < NEWEST.jd)
  const limits = recalled.filter(({ isDetected }) => !isDetected).map(({ jd, limit }) => [jd, limit])
  assert.deepEqual(
    points.filter(({ kind }) => kind === 'limit').map(({ jd, mag }) => [jd, mag]),
    limits,
  )
  assert.deepEqual(
    points.filter(isForced).map(({ jd }) => jd),
    recalled.map(({ jd }) => jd),
  )
})

test('forced photometry is about as bright as what was seen', async t => {
  const { points } = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  const forced = points.filter(({ kind }) => kind === 'forced')
  assert.ok(forced.length > 5)
  for (const { jd, mag, error } of forced) {
    const visit = visits().find(visit => visit.jd === jd) as Visit
    assert.ok(Math.abs(mag - visit.mag) < 6 * (error + visit.error), `${mag} ${visit.mag}`)
  }
})

test('an object is found without a byte of any stamp but those of its newest alert', async t => {
  const paths = await supernova(t)
  const whole = await findObject(paths, SUPERNOVA.objectId, ALL)
  const spoilt = await spoilStamps(paths, nightOf(NEWEST.candid))
  assert.ok(spoilt >= 3 * (NIGHTS.length - 1))
  await assert.rejects(ask(paths, 'select max(cutoutScience.stampData) from read_parquet(LAKE)'))
  assert.deepEqual(await findObject(paths, SUPERNOVA.objectId, ALL), whole)
  assert.deepEqual(
    whole.stamps.map(({ shown }) => typeof shown === 'string' || [shown.width, shown.height]),
    Array(3).fill([63, 63]),
  )
})

test('only the selected nights are asked for an object', async t => {
  const paths = await supernova(t)
  const last = nightOf(NEWEST.candid)
  const own = SEEN.filter(({ candid }) => nightOf(candid) === last)
  await spoilOthers(paths, last)
  const { alerts, nights } = await findObject(paths, SUPERNOVA.objectId, date => date === last)
  assert.deepEqual([alerts, nights], [own.length, [last, last]])
})

test('the nights of an object are those of its alerts, whichever were searched', async t => {
  const paths = await supernova(t)
  for (const night of ['20180713', '20250325']) await convert(paths, makeNight({ night, alerts: 3, edges: 0 }))
  const found = await findObject(paths, SUPERNOVA.objectId, ALL)
  const [first, last] = [SEEN[0] as Visit, NEWEST].map(({ candid }) => nightOf(candid))
  assert.deepEqual(found.nights, [first, last])
  assert.match(lookPage(found), new RegExp(`alerts of the lake, nights ${first} to ${last};`))
})

test('an alert is found by its candid in its night alone, whatever the others hold', async t => {
  const paths = await supernova(t)
  const { candid } = SEEN[3] as Visit
  await spoilOthers(paths, nightOf(candid))
  const found = await findAlert(paths, candid)
  assert.deepEqual([found.candid, found.objectId, found.alerts], [candid, SUPERNOVA.objectId, 1])
  assert.ok(found.points.some(point => point.candid === candid))
  assert.ok(found.points.every(({ jd }) => jd <= (SEEN[3] as Visit).jd))
})

test('an alert is found in the night beside the one that its candid tells', async t => {
  for (const neighbour of [1, 2]) {
    const paths = await supernova(t)
    const [own = '', ...others] = datesOf(NEWEST.candid)
    const [file = ''] = await glob(paths.lake, `${folderOf(own)}/*.parquet`)
    const moved = join(paths.lake, folderOf(others[neighbour - 1] as string))
    await rename(dirname(join(paths.lake, file)), moved)
    const { candid, nights } = await findAlert(paths, NEWEST.candid)
    assert.deepEqual([candid, nights[0]], [NEWEST.candid, others[neighbour - 1]])
  }
})

test('what is not in the lake is told in one sentence that says where it was looked for', async t => {
  const paths = await supernova(t)
  const [first, last] = [NIGHTS[0]?.name.slice(11, 19), NIGHTS.at(-1)?.name.slice(11, 19)]
  await assert.rejects(findObject(paths, 'ZTF18aaaaaaa', ALL), {
    message: `ZTF18aaaaaaa has no alert in ${paths.lake}: looked for in 8 nights from ${first} to ${last}`,
  })
  await assert.rejects(findAlert(paths, 516401800615015114n), {
    message: `candid 516401800615015114 is not in ${paths.lake}: looked for in the nights 20180601, 20180602, 20180531, as its first digits say`,
  })
  const empty = await dataFolder(t)
  await assert.rejects(findObject(empty, 'ZTF18aaaaaaa', ALL), {
    message: `ZTF18aaaaaaa has no alert in ${empty.lake}: no night that was asked for is there: run make lake first, or give other NIGHTS`,
  })
  await assert.rejects(
    findObject(paths, 'ZTF18aaaaaaa', date => date === first),
    {
      message: `ZTF18aaaaaaa has no alert in ${paths.lake}: looked for in 1 night ${first}`,
    },
  )
})

test('the night leads a candid, of 18 digits and of 19', () => {
  assert.deepEqual(datesOf(516401800615015114n), ['20180601', '20180602', '20180531'])
  assert.deepEqual(datesOf(2475433850315015009n), ['20231012', '20231013', '20231011'])
  assert.deepEqual(datesOf(1000000000000000000n)[0], '20190928')
  assert.deepEqual(datesOf(999999999999999999n)[0], '20190927')
})

test('readout channels are those of the detections, not of limits, and more than one is told', async t => {
  const found = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  assert.equal(found.channels, 1)
  const note = /The detections are of 2 readout channels \(field, rcid\), each with a reference image of its own/
  for (const draw of [lookPage, imageSheet]) {
    assert.doesNotMatch(draw(found), note)
    assert.match(draw({ ...found, channels: 2 }), note)
  }
  const database = await DuckDB.open()
  t.after(() => database.close())
  const row = (candid: string, field: number, rcid: number) =>
    `{jd: 1, fid: 1, candid: ${candid}, magpsf: 1, sigmapsf: 1, isdiffpos: 't', diffmaglim: 1, field: ${field}, rcid: ${rcid}}`
  const recalled = [row('2', 523, 41), row('3', 523, 40), row('null::int', 600, 1)]
  await database.query(
    `create table found as select ${row('1', 523, 41)} as candidate, [${recalled.join(', ')}] as prv_candidates`,
  )
  assert.equal(await channelsOf(database), 2)
})

test('forced photometry that is fainter than the reference has a symbol of its own, which the legend tells', () => {
  const palette = { g: 'green', r: 'red', i: 'brown' }
  const point = (isFainter: boolean): Point => ({
    jd: 2458300,
    band: 'g',
    kind: 'forced',
    mag: 19,
    error: 0.1,
    isFainter,
  })
  const [brighter, fainter] = [false, true].map(isFainter => drawLightCurve([point(isFainter)], palette))
  const symbol = (drawn?: string) => drawn?.match(/<path d="([^"]+)" transform="[^"]+"><title>/)?.[1]
  assert.ok(symbol(brighter) && symbol(fainter))
  assert.notEqual(symbol(brighter), symbol(fainter))
  const legend = drawLegend([point(false), point(true)], palette)
  for (const says of ['forced photometry', 'forced, fainter']) assert.ok(legend.includes(`>${says}</text>`), says)
  assert.ok(!drawLegend([point(false)], palette).includes('forced, fainter'))
})

test('the dates have their year, however short the curve is', () => {
  const palette = { g: 'green', r: 'red', i: 'brown' }
  const at = (time: string): Point => ({
    ...{ jd: Date.parse(time) / 86_400_000 + 2_440_587.5, band: 'g', kind: 'detection', mag: 19, error: 0.1 },
    isFainter: false,
  })
  assert.match(drawLightCurve([at('2018-09-04'), at('2018-10-01')], palette), />UTC, 2018<\/text>/)
  assert.match(drawLightCurve([at('2018-12-04'), at('2019-01-20')], palette), />UTC, 2018 to 2019<\/text>/)
})

test('a value that is missing beside others leaves its place to a dash', async t => {
  const found = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  const candidate = { ...found.candidate, sgmag1: -999, srmag1: -999, simag1: 21.78 }
  for (const draw of [lookPage, imageSheet]) assert.match(draw({ ...found, candidate }), /–, –, 21\.78</)
})

test('the picture tells the time and the direction of the change, as the page does', async t => {
  const found = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  const candidate = { ...found.candidate, jd: 2458312.8084, isdiffpos: 'f' }
  for (const draw of [lookPage, imageSheet]) {
    assert.match(draw({ ...found, candidate }), /MJD 58312\.30840, 2018-07-13 07:24:05 UTC/)
    assert.match(draw({ ...found, candidate }), /mag, fainter than the reference/)
  }
})

test('a page is no wider than a phone', { skip: NO_CHROMIUM }, async t => {
  const found = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  const browser = await startChromium()
  t.after(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  await page.setContent(lookPage({ ...found, channels: 2 }))
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
})

test('a forced flux is a magnitude from 3 sigma on, below that a limit of 5', () => {
  assert.deepEqual(magnitude(100, 10, 25), {
    kind: 'forced',
    mag: 20,
    error: (0.1 * 2.5) / Math.LN10,
    isFainter: false,
  })
  assert.deepEqual(magnitude(-100, 10, 25).isFainter, true)
  assert.deepEqual(magnitude(29, 10, 25), {
    kind: 'forced limit',
    mag: 25 - 2.5 * Math.log10(50),
    error: 0,
    isFainter: false,
  })
  assert.equal(magnitude(-29, 10, 25).kind, 'forced limit')
  assert.equal(magnitude(30, 10, 25).kind, 'forced')
})

test('places and times are written as astronomers do, and no part rounds up to 60', () => {
  assert.equal(sexagesimal(187.706042, 12.391123), '12:30:49.45 +12:23:28.0')
  assert.equal(sexagesimal(0, -0.0001), '00:00:00.00 -00:00:00.4')
  assert.equal(sexagesimal(14.999999999, 59.99999999), '01:00:00.00 +60:00:00.0')
  assert.equal(dateOf(2451545).toISOString(), '2000-01-01T12:00:00.000Z')
})

test('a page is one file that runs nothing and asks nothing, and what others wrote is text there', async t => {
  const found = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  const hostile = '<script>alert("x")</script><img src=x onerror=alert(1)>'
  const page = lookPage({ ...found, candidate: { ...found.candidate, ssnamenr: hostile } })
  assert.ok(page.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'))
  assert.doesNotMatch(page, /<script|<img src=x|<link|url\(|@import|src="(?!data:)/)
  assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/)
  assert.equal(page.match(/<img alt="(Science|Template|Difference) stamp" src="data:image\/png/g)?.length, 3)
  assert.match(page, /12:30:49\.45 \+12:23:28\.0/)
})

test('a brighter magnitude is drawn higher', async t => {
  const found = await findObject(await supernova(t), SUPERNOVA.objectId, ALL)
  const page = lookPage(found)
  const ticks = [...page.matchAll(/translate\([\d.]+,([\d.]+)\)"[^>]*>(\d\d(?:\.\d)?)<\/text>/g)]
  const labels = ticks.map(([, y, mag]) => [Number(mag), Number(y)] as const).filter(([mag]) => mag > 16 && mag < 22)
  assert.ok(labels.length > 3)
  const ordered = labels.toSorted(([a], [b]) => a - b).map(([, y]) => y)
  assert.deepEqual(
    ordered,
    ordered.toSorted((a, b) => a - b),
  )
})

test('an alert that tells of nothing, with no stamp and no value, has a page and a picture too', () => {
  const stamps = (['Science', 'Template', 'Difference'] as const).map(name => ({ name, shown: 'the alert has none' }))
  const found: ObjectData = {
    objectId: 'ZTF18\u0001<&aaaa',
    candid: 1n,
    candidate: {},
    stamps,
    points: [],
    channels: 0,
    alerts: 1,
    nights: ['20180601', '20180601'],
  }
  const page = lookPage(found)
  assert.match(page, /No point can be drawn/)
  assert.equal(page.match(/the alert has none/g)?.length, 3)
  assert.doesNotMatch(page, /undefined|NaN|null/)
  assert.ok(renderPng(imageSheet(found)).length > 1000)
})

test('make look writes the page, and with PNG=1 a picture', async t => {
  const paths = await supernova(t)
  const { status, out, err } = await run('make', ['look', `DATA=${paths.data}`, `CANDID=${NEWEST.candid}`, 'PNG=1'])
  const path = join(paths.looks, String(NEWEST.candid))
  assert.deepEqual([status, err, out], [0, '', `${path}.html\n${path}.png\n`])
  assert.match(await readFile(`${path}.html`, 'utf8'), new RegExp(`<title>${SUPERNOVA.objectId}</title>`))
  const { width, data } = decode(await readFile(`${path}.png`))
  assert.equal(width, 2016)
  assert.ok(new Set(data).size > 100)
})

test('make look tells what it needs', async () => {
  for (const args of [[], ['OBJECT=ZTF18aaaaaaa', 'CANDID=516401800615015114']]) {
    const { status, err } = await run('make', ['look', ...args])
    assert.equal(status, 2)
    assert.match(err, /^error: what is to be shown\? Give OBJECT=ZTF18aaxcyzb or CANDID=[^\n]+\n/)
  }
})

test('real objects have every detection that their alerts know of', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  for (const objectId of ['ZTF18aaiscil', 'ZTF17aaaedmd', 'ZTF18abdgukn']) {
    const [{ ids } = {}] = await ask(
      paths,
      `select list_sort(list_distinct(flatten(list(list_append(
         coalesce(list_transform(prv_candidates, p -> p.candid), []), candid)))))::varchar ids
       from read_parquet(LAKE) where objectId = '${objectId}'`,
    )
    const { points } = await findObject(paths, objectId, ALL)
    const found = points.flatMap(({ candid }) => candid ?? []).sort((a, b) => Number(a - b))
    assert.equal(`[${found.join(', ')}]`, String(ids).replace('NULL, ', '').replace(', NULL', ''))
    assert.ok(found.length > 10)
  }
})

test('every real alert is found by its candid, but those of the nights that were made of others', {
  skip: NO_ARCHIVE,
}, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  const rows = await ask(
    paths,
    `select candid, parse_filename(filename)[12:19] as date from read_parquet(LAKE, filename = true)`,
  )
  const astray = new Set(
    rows.filter(({ candid, date }) => datesOf(candid as bigint)[0] !== date).map(({ date }) => date),
  )
  assert.equal(rows.length, 1644)
  assert.deepEqual([...astray].sort(), ['20191003', '20191224', '20200113', '20200202', '20200307', '20210301'])
})

function isForced({ kind }: Point): boolean {
  return kind.startsWith('forced')
}

async function supernova(t: Parameters<typeof dataFolder>[0]): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  return paths
}

function nightOf(candid: bigint): string {
  return datesOf(candid)[0] as string
}

function folderOf(date: string): string {
  return `year=${date.slice(0, 4)}/month=${date.slice(4, 6)}/day=${date.slice(6)}`
}

/** Makes every file unreadable but those of one night. */
async function spoilOthers(paths: Paths, date: string): Promise<void> {
  const others = (await glob(paths.lake, 'year=*/**/*.parquet')).filter(name => !name.startsWith(folderOf(date)))
  assert.equal(others.length, NIGHTS.length - 1)
  for (const name of others) await writeFile(join(paths.lake, name), 'no Parquet at all')
}

/** Overwrites all that the files of other nights have of the stamps; returns how many stretches of them. */
async function spoilStamps(paths: Paths, date: string): Promise<number> {
  const chunks = await ask(
    paths,
    `select file_name as file, data_page_offset as start, total_compressed_size as size from parquet_metadata(LAKE)
     where path_in_schema like 'cutout%stampData' and file_name not like '%${date}%'`,
  )
  for (const { file, start, size } of chunks) {
    const handle = await open(file as string, 'r+')
    await handle.write(Buffer.alloc(Number(size), 0xff), 0, Number(size), Number(start))
    await handle.close()
  }
  return chunks.length
}
