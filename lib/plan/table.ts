import { expectedAlerts, expectedLake } from '../archive/estimates.ts'
import type { Sized } from '../core/share.ts'
import { plural, showBytes, showCount, showSeconds } from '../core/units.ts'
import { DOWNLOADS, forecast, LIMITING, type Site, type Steps } from './forecast.ts'

/** What a selection of nights amounts to. */
export function describe(nights: readonly Sized[], alertsPerFile: number): string {
  const bytes = nights.reduce((sum, night) => sum + night.bytes, 0)
  const files = filesOf(nights, alertsPerFile)
  return (
    `${plural(nights.length, 'tarball')}, about ${showCount(expectedAlerts(bytes))} alerts: ` +
    `${showBytes(bytes)} of tar.gz, ${showBytes(expectedLake(bytes))} of lake in ${showCount(files)} files`
  )
}

/** Parquet files and manifests. */
export function filesOf(nights: readonly Sized[], alertsPerFile: number): number {
  return nights.reduce((sum, { bytes }) => sum + Math.ceil(expectedAlerts(bytes) / alertsPerFile) + 1, 0)
}

/** A line for each command that may be typed, as cells; the first has the headings. */
export function forecastTable(nights: readonly Sized[], site: Site, ahead: number): string[][] {
  const heading = ['', 'takes', 'disk at peak', 'limit', ...LIMITING]
  const rows = commandsOf(ahead).map(([command, steps]) => {
    const { seconds, peak, limit, bounds } = forecast(nights, site, steps)
    const disk = steps.work === 'check' ? '' : showBytes(Math.round(peak))
    return [command, showTime(seconds), disk, limit, ...LIMITING.map(bound => showTime(bounds[bound]))]
  })
  return [heading, ...rows]
}

/** Hours, once it takes so long that seconds tell nothing. */
export function showTime(seconds: number): string {
  return seconds < 3600 ? showSeconds(seconds) : `${(seconds / 3600).toFixed(1)} h`
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
