import { expectedAlerts, expectedLake } from '../archive/estimates.ts'
import type { Sized } from '../core/share.ts'
import { plural, showBytes, showCount, showSeconds } from '../core/units.ts'
import { DOWNLOADS, forecast, LIMITING, type Site, type Steps } from './forecast.ts'

/** One line with the numbers of nights, alerts and lake files, and the sizes of the tarballs and the lake. */
export function describe(nights: readonly Sized[], alertsPerFile: number): string {
  const bytes = nights.reduce((sum, night) => sum + night.bytes, 0)
  // Count the Parquet files and one manifest per night.
  const files = nights.reduce((sum, { bytes }) => sum + Math.ceil(expectedAlerts(bytes) / alertsPerFile) + 1, 0)
  return (
    `${plural(nights.length, 'night')} with alerts, about ${showCount(expectedAlerts(bytes))} alerts: ` +
    `${showBytes(bytes)} of tar.gz, ${showBytes(expectedLake(bytes))} of lake in ${showCount(files)} files`
  )
}

/** Cells of the forecast table: a row of headings, then one row per make command. */
export function forecastTable(nights: readonly Sized[], site: Site, ahead: number): string[][] {
  const heading = ['', 'takes', 'disk at peak', 'limit', ...LIMITING]
  const rows = commandsOf(ahead).map(([command, steps]) => {
    const { seconds, peak, limit, bounds } = forecast(nights, site, steps)
    const disk = steps.work === 'check' ? '' : showBytes(Math.round(peak))
    return [command, showSeconds(seconds), disk, limit, ...LIMITING.map(bound => showBound(bounds[bound]))]
  })
  return [heading, ...rows]
}

/** Warning that a tarball larger than AHEAD slows down `make all KEEP_TARS=no`; undefined if there is none. */
export function aheadNote(nights: readonly Sized[], ahead: number): string | undefined {
  const largest = Math.max(...nights.map(({ bytes }) => bytes))
  if (ahead >= largest) return undefined
  return (
    `the largest tarball, ${showBytes(largest)}, is larger than AHEAD, ${showBytes(ahead)}: with KEEP_TARS=no such a ` +
    'tarball is downloaded while no other waits, so make all takes longer than forecast'
  )
}

/** Empty for a resource that the command does not use. */
function showBound(seconds: number): string {
  return seconds > 0 ? showSeconds(seconds) : ''
}

function commandsOf(ahead: number): [command: string, steps: Steps][] {
  return [
    [`make download -j${DOWNLOADS}`, { download: true }],
    ['make lake', { download: false, work: 'convert' }],
    ['make lake KEEP_TARS=no', { download: false, work: 'convert', ahead: Number.POSITIVE_INFINITY }],
    ['make check', { download: false, work: 'check' }],
    [`make all -j${DOWNLOADS}`, { download: true, work: 'convert' }],
    [`make all -j${DOWNLOADS} KEEP_TARS=no`, { download: true, work: 'convert', ahead }],
  ]
}
