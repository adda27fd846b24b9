import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseListing } from '../../lib/archive/listing.ts'
import { withTables } from '../../lib/docs/tables.ts'
import { BUSY, type Forecast, forecast, RATES, type Site } from '../../lib/plan/forecast.ts'
import { isWhole, scaleTables } from '../../lib/plan/scale.ts'
import type { Steps } from '../../lib/plan/schedule.ts'
import { Sharing } from '../../lib/plan/sharing.ts'
import { amount, filesOf, outlook } from '../../lib/plan/table.ts'
import { ADDRESS, nightEntry, tableText } from '../support/archive-table.ts'
import { temporaryFolder } from '../support/folder.ts'
import { PROJECT, runScript } from '../support/run.ts'
import { SHARED } from '../support/shared.ts'

const PAGE = join(SHARED, 'listing/index.html')

const GB = 1e9
const LAKE = 44 / 46.8
const PLENTY = 1e15

const DOWNLOAD: Steps = { download: true }
const CONVERT: Steps = { download: false, work: 'convert' }
const CHECK: Steps = { download: false, work: 'check' }
const ALL: Steps = { download: true, work: 'convert' }

const { start, wall, cpu } = RATES.convert

test('works that want no more than there is take as long as alone', () => {
  assert.deepEqual(ends({ thing: 2 }, [3, { thing: 3 }], [5, { thing: 5 }], [7, {}]), [3, 5, 7])
})

test('works that want more of a thing than it gives share it alike, and have more of it once one has ended', () => {
  // Two want 1 a second each of a thing that gives 1: the first has ended after 4 s, the other has then 2 of 4 left.
  assert.deepEqual(ends({ thing: 1 }, [2, { thing: 2 }], [4, { thing: 4 }]), [4, 6])
})

test('who wants less than a fair share has all of it', () => {
  // Of 3 a second one has the 1 that it wants, the others 1 each of the 2 that they want.
  assert.deepEqual(ends({ thing: 3 }, [5, { thing: 5 }], [4, { thing: 8 }], [4, { thing: 8 }]), [5, 7, 7])
})

test('a work is as slow as the scarcest of the things that it uses', () => {
  assert.deepEqual(ends({ near: 1, far: 0.5 }, [2, { near: 2, far: 2 }], [3, { unlimited: 9 }]), [4, 3])
})

test('a work that is begun at the end of another goes on from there', () => {
  const sharing = new Sharing({})
  const seen: number[] = []
  sharing.start({ seconds: 2, uses: {} }, () =>
    sharing.start({ seconds: 3, uses: {} }, () => seen.push(sharing.seconds)),
  )
  sharing.run()
  assert.deepEqual(seen, [5])
})

test('one night on many cores takes what its slowest thread takes', () => {
  const one = forecast([night(10)], site({ cores: 16 }), CONVERT)
  near(one.seconds, start + 10 * wall)
  assert.equal(one.binds, 'one night')
  near(one.peak, 10 * GB * (1 + LAKE))
})

test('one night on one core takes the processor seconds of all its threads', () => {
  const one = forecast([night(10)], site({ cores: 1 }), CONVERT)
  near(one.seconds, (start + 10 * cpu) / BUSY)
  assert.equal(one.binds, 'cores')
})

test('two like nights on two cores take what one takes on one', () => {
  const two = forecast([night(10), night(10)], site({ cores: 2 }), CONVERT)
  near(two.seconds, forecast([night(10)], site({ cores: 1 }), CONVERT).seconds)
})

test('a link binds downloads, and one that is the last has a fifth of it', () => {
  const link = 0.1 * GB
  const ten = forecast(
    Array.from({ length: 10 }, () => night(10)),
    site({ link }),
    DOWNLOAD,
  )
  near(ten.seconds, 1000)
  assert.equal(ten.binds, 'link')
  const last = forecast([...Array.from({ length: 5 }, () => night(10)), night(20)], site({ link }), DOWNLOAD)
  near(last.seconds, 500 + 1000)
})

test('a disk binds conversions by what is read and what is written', () => {
  const slow = forecast([night(10), night(10)], site({ cores: 8, disk: 0.1 * GB }), CONVERT)
  near(slow.seconds, 20 * (1 + LAKE) * 10)
  assert.equal(slow.binds, 'disk')
})

test('one giant that is begun first sets the end, and nothing else does', () => {
  const small = Array.from({ length: 30 }, () => night(1))
  const alone = forecast([night(100)], site({ cores: 16 }), CONVERT).seconds
  const among = forecast([...small, night(100)], site({ cores: 16 }), CONVERT)
  assert.equal(among.binds, 'one night')
  assert.ok(among.seconds >= alone && among.seconds < alone * 1.05, `${among.seconds} s, ${alone} s alone`)
})

test('a giant that lands last comes on top of all downloads', () => {
  const nights = [...Array.from({ length: 50 }, () => night(1)), night(100)]
  const where = site({ link: 0.5 * GB, cores: 16 })
  const [last, first] = [nights, nights.toReversed()].map(order => forecast(order, where, ALL)) as [Forecast, Forecast]
  near(first.seconds, first.bounds['one night'])
  assert.ok(last.seconds > first.seconds + 90, `${last.seconds} s, ${first.seconds} s where it comes first`)
})

test('what is overlapped takes as long as the slower of its sides, and the way of one night through both', () => {
  const nights = Array.from({ length: 100 }, () => night(1))
  const where = site({ link: 0.1 * GB, cores: 2 })
  const all = forecast(nights, where, ALL)
  assert.equal(all.binds, 'link')
  near(all.seconds, 1000 + start + wall, 0.02)
})

test('downloads in front of the conversion keep to AHEAD, and so does the disk', () => {
  const nights = Array.from({ length: 100 }, () => night(1))
  const where = site({ cores: 1 })
  const small = forecast(nights, where, { ...ALL, ahead: 10 * GB })
  assert.ok(small.peak <= 100 * GB * LAKE + 10 * GB, `${small.peak / GB} GB`)
  near(forecast(nights, where, ALL).peak, 100 * GB * (1 + LAKE))
})

test('AHEAD binds where downloads wait for it, and only there', () => {
  const nights = Array.from({ length: 40 }, () => night(1))
  const where = site({ cores: 8, link: 0.1 * GB })
  const binds = (ahead: number) => forecast(nights, where, { ...ALL, ahead }).binds
  assert.deepEqual([binds(GB), binds(30 * GB)], ['AHEAD', 'link'])
  assert.equal(forecast(nights, where, ALL).binds, 'link')
})

test('a night larger than AHEAD goes alone', () => {
  const two = forecast([night(5), night(5)], site({ cores: 8, link: 5 * GB }), { ...ALL, ahead: 1 })
  near(two.seconds, 2 * two.bounds['one night'])
})

test('each node has cores of its own, and all have one disk', () => {
  const nights = Array.from({ length: 32 }, () => night(1))
  const [one, four] = [1, 4].map(nodes => forecast(nights, site({ nodes, cores: 2 }), CONVERT)) as [Forecast, Forecast]
  near(four.seconds, one.seconds / 4)
  const slow = [1, 4].map(nodes => forecast(nights, site({ nodes, cores: 2, disk: 0.1 * GB }), CONVERT).seconds)
  near(slow[0] as number, slow[1] as number, 0.01)
})

test('only conversion is spread over nodes', () => {
  const nights = Array.from({ length: 32 }, () => night(1))
  const seconds = (nodes: number, steps: Steps) => forecast(nights, site({ nodes, cores: 2 }), steps).seconds
  for (const steps of [DOWNLOAD, CHECK, ALL]) assert.equal(seconds(4, steps), seconds(1, steps))
  assert.ok(seconds(4, CONVERT) < seconds(1, CONVERT) / 3)
})

test('no command takes less than what binds it', () => {
  fc.assert(
    fc.property(anyNights(), anySite(), fc.constantFrom(DOWNLOAD, CONVERT, CHECK, ALL), (nights, where, steps) => {
      const { seconds, bounds, binds } = forecast(nights, where, steps)
      const most = Math.max(...Object.values(bounds))
      assert.equal(bounds[binds as keyof typeof bounds], most)
      assert.ok(seconds >= most * (1 - 1e-6), `${seconds} s, bound ${most} s by ${binds}`)
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('a faster link or disk, more cores or more nodes never make a command slower by more than one night takes', () => {
  const better: ((site: Site) => Site)[] = [
    at => ({ ...at, link: at.link * 2 }),
    at => ({ ...at, disk: at.disk * 2 }),
    at => ({ ...at, cores: at.cores * 2 }),
    at => ({ ...at, nodes: at.nodes * 2 }),
  ]
  fc.assert(
    fc.property(anyNights(), anySite(), fc.constantFrom(...better), (nights, where, improve) => {
      for (const steps of [DOWNLOAD, CONVERT, CHECK, ALL]) {
        const [before, after] = [where, improve(where)].map(at => forecast(nights, at, steps)) as [Forecast, Forecast]
        const most = before.seconds + oneNight(nights, improve(where), steps)
        assert.ok(after.seconds <= most * (1 + 1e-6), `${after.seconds} s, ${before.seconds} s before`)
      }
    }),
    // No theorem says so of every schedule, so the cases are always the same.
    { seed: 1, numRuns: 200 },
  )
})

test('a line says what nights amount to, and each command gets one that says what it takes', () => {
  const nights = [night(46.8), night(0.0468)]
  assert.equal(filesOf(nights, 3000), 334 + 1 + 1 + 1)
  assert.match(
    amount(nights, 3000),
    /^2 tarballs, about 1,001,000 alerts: 43\.6 GiB of tar\.gz, 41\.0 GiB of lake in 337 files$/,
  )
  const lines = outlook(nights, site({}), GB)
  assert.deepEqual(
    lines.slice(1).map(([command]) => command),
    [
      'make download -j5',
      'make lake',
      'make lake KEEP_TARS=no',
      'make check',
      'make all -j5',
      'make all -j5 KEEP_TARS=no',
    ],
  )
  for (const line of lines) assert.equal(line.length, 8, line.join(' '))
})

test('docs/scale.md has the tables of the real listing', {
  skip: existsSync(PAGE) ? false : `no ${PAGE}`,
}, async () => {
  const listing = parseListing(await readFile(PAGE, 'utf8'), ADDRESS)
  const page = await readFile(join(PROJECT, 'docs/scale.md'), 'utf8')
  assert.ok(isWhole(listing))
  assert.equal(page, withTables(page, scaleTables(listing)), 'run make docs, with the whole archive listed')
})

test('a listing of a year alone is not the whole', () => {
  const of = (...dates: string[]) => parseListing(tableText(dates.map(date => nightEntry(date))), ADDRESS)
  assert.deepEqual([of('20180601'), of('20200101'), of('20180601', '20260102')].map(isWhole), [false, false, true])
})

test('without a listing make plan says what to do, in one sentence', async t => {
  const uris = await temporaryFolder(t)
  const { status, err } = await runScript('plan', { URIS: uris })
  assert.equal(status, 1)
  assert.equal(err, `error: ${uris}/listing.tsv has none of the nights asked for: make uris lists what there is\n`)
})

/** When each of some works ends that are begun together. */
function ends(capacity: Record<string, number>, ...works: [seconds: number, uses: Record<string, number>][]): number[] {
  const sharing = new Sharing(capacity)
  const seen = works.map(() => 0)
  for (const [i, [seconds, uses]] of works.entries())
    sharing.start({ seconds, uses }, () => {
      seen[i] = Number(sharing.seconds.toFixed(6))
    })
  sharing.run()
  return seen
}

function night(gigabytes: number): { bytes: number } {
  return { bytes: gigabytes * GB }
}

/** One where nothing but what is given is scarce. */
function site(scarce: Partial<Site>): Site {
  return { cores: 4, nodes: 1, link: PLENTY, disk: PLENTY, ...scarce }
}

function near(found: number, expected: number, part = 1e-6): void {
  assert.ok(Math.abs(found - expected) <= expected * part, `${found}, expected ${expected}`)
}

function anyNights() {
  return fc.array(fc.double({ min: 1e-5, max: 80, noNaN: true }).map(night), { minLength: 1, maxLength: 30 })
}

function anySite() {
  const rate = fc.double({ min: 0.01 * GB, max: 10 * GB, noNaN: true })
  return fc.record({
    cores: fc.integer({ min: 1, max: 20 }),
    nodes: fc.integer({ min: 1, max: 5 }),
    link: rate,
    disk: rate,
  })
}

/** What the largest night takes where nothing else is at work. */
function oneNight(nights: readonly { bytes: number }[], where: Site, steps: Steps): number {
  return Math.max(...nights.map(night => forecast([night], where, steps).seconds))
}
