import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Forecast, forecast, RATES, type Site, type Steps, UTILIZATION } from '../../lib/plan/forecast.ts'

const GB = 1e9
/** Bytes of lake per byte of tar.gz. */
const LAKE = 44 / 46.8
const UNLIMITED = 1e15

const DOWNLOAD: Steps = { download: true }
const CONVERT: Steps = { download: false, work: 'convert' }
const CHECK: Steps = { download: false, work: 'check' }
const ALL: Steps = { download: true, work: 'convert' }

const { download, convert, check } = RATES

test('a single night on many cores takes the wall seconds of one process', () => {
  const result = forecast([night(10)], site({ cores: 16 }), CONVERT)
  near(result.seconds, convert.start + 10 * convert.wall)
  assert.equal(result.limit, 'one night')
})

test('cores limit a conversion by the CPU seconds of all nights', () => {
  const result = forecast(nights(8, 10), site({ cores: 2 }), CONVERT)
  near(result.seconds, (8 * (convert.start + 10 * convert.cpu)) / (2 * UTILIZATION))
  assert.equal(result.limit, 'cores')
})

test('the link limits downloads by the bytes of all tarballs', () => {
  const result = forecast(nights(10, 10), site({ link: 0.1 * GB }), DOWNLOAD)
  near(result.seconds, 1000)
  assert.equal(result.limit, 'link')
  near(result.bounds.cores, (10 * (download.start + 10 * download.cpu)) / (4 * UTILIZATION))
})

test('a single download gets a fifth of the link', () => {
  const result = forecast([night(10)], site({ link: 0.1 * GB }), DOWNLOAD)
  near(result.seconds, 500)
  assert.equal(result.limit, 'one night')
})

test('the disk limits a conversion by the tarballs it reads and the lake it writes', () => {
  const result = forecast(nights(2, 10), site({ cores: 8, disk: 0.1 * GB }), CONVERT)
  near(result.seconds, (20 * (1 + LAKE)) / 0.1)
  assert.equal(result.limit, 'disk')
})

test('a download writes each tarball to the disk and reads it again', () => {
  near(forecast([night(10)], site({ disk: 0.1 * GB }), DOWNLOAD).bounds.disk, 200)
})

test('a check reads the lake only', () => {
  const { bounds } = forecast([night(10)], site({ disk: 0.1 * GB }), CHECK)
  near(bounds.disk, 100 * LAKE)
  near(bounds['one night'], check.start + 10 * LAKE * check.wall)
  assert.equal(bounds.link, 0)
})

test('the slowest night of make all is downloaded, then converted', () => {
  const result = forecast([night(1), night(10)], site({ link: 0.1 * GB, cores: 16 }), ALL)
  near(result.bounds['one night'], 500 + convert.start + 10 * convert.wall)
  assert.equal(result.limit, 'one night')
})

test('KEEP_TARS=no checks each night before its tarball is removed', () => {
  const [kept, removed] = [CONVERT, { ...CONVERT, ahead: UNLIMITED }].map(steps =>
    forecast([night(10)], site({}), steps),
  )
  near(removed?.seconds, Number(kept?.seconds) + check.start + 10 * LAKE * check.wall)
})

test('only make lake uses several nodes, all on one disk', () => {
  const [one, four] = [1, 4].map(count => site({ nodes: count, disk: GB })) as [Site, Site]
  const bounds = (at: Site, steps: Steps) => forecast(nights(32, 1), at, steps).bounds
  near(bounds(four, CONVERT).cores, bounds(one, CONVERT).cores / 4)
  near(bounds(four, CONVERT).disk, bounds(one, CONVERT).disk)
  for (const steps of [DOWNLOAD, CHECK, ALL]) near(bounds(four, steps).cores, bounds(one, steps).cores)
})

test('the disk holds all tarballs and the lake, or at most AHEAD of tarballs', () => {
  const peak = (ahead?: number) => forecast(nights(100, 1), site({}), ahead ? { ...ALL, ahead } : ALL).peak
  near(peak(), 100 * GB * (1 + LAKE))
  near(peak(10 * GB), 10 * GB + 100 * GB * LAKE)
  near(peak(0.1 * GB), GB + 100 * GB * LAKE)
})

test('make lake KEEP_TARS=no needs disk space for all tarballs, and for the lake of the nights it starts with', () => {
  const { peak } = forecast([...nights(10, 1), night(9)], site({ cores: 2 }), { ...CONVERT, ahead: UNLIMITED })
  near(peak, 19 * GB + 10 * GB * LAKE)
})

function night(gigabytes: number): { bytes: number } {
  return { bytes: gigabytes * GB }
}

function nights(count: number, gigabytes: number): { bytes: number }[] {
  return Array.from({ length: count }, () => night(gigabytes))
}

/** A site on which only the given resources are scarce. */
function site(scarce: Partial<Site>): Site {
  return { cores: 4, nodes: 1, link: UNLIMITED, disk: UNLIMITED, ...scarce }
}

function near(actual: Forecast['seconds'] | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= expected * 1e-6, `${actual}, expected ${expected}`)
}
