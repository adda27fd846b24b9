import { expectedAlerts, expectedLake } from '../archive/census.ts'
import type { Listed } from '../archive/listing.ts'
import { selected } from '../archive/uris.ts'
import { SETTINGS } from '../settings.ts'
import type { Sized } from '../share.ts'
import { showBytes, showCount } from '../units.ts'
import { type Forecast, forecast } from './forecast.ts'
import { filesOf, showTime } from './outlook.ts'
import type { Site } from './rates.ts'
import type { Steps } from './schedule.ts'

const MB = 1e6
const UNLIMITED = Number.POSITIVE_INFINITY

const SERVER = 'server: 16 cores, 300 MB/s, disk 1,000 MB/s'

/** Sites that docs/scale.md is about. */
const SITES: Readonly<Record<string, Site>> = {
  'workstation: 8 cores, 100 MB/s, disk 500 MB/s': { cores: 8, nodes: 1, link: 100 * MB, disk: 500 * MB },
  [SERVER]: { cores: 16, nodes: 1, link: 300 * MB, disk: 1000 * MB },
  'the same, disk 5,000 MB/s': { cores: 16, nodes: 1, link: 300 * MB, disk: 5000 * MB },
  '16 nodes of 16 cores, 300 MB/s, disk 10,000 MB/s': { cores: 16, nodes: 16, link: 300 * MB, disk: 10_000 * MB },
}

const AHEAD = SETTINGS.AHEAD.parse(SETTINGS.AHEAD.standard, 'AHEAD')
const CONVERT: Steps = { download: false, work: 'convert' }
const ALL: Steps = { download: true, work: 'convert' }

/** Whether a listing has what the tables are about: every year to the one in which they were first made. */
export function isWhole(listing: readonly Listed[]): boolean {
  return listing.some(({ night }) => night < '2019') && listing.some(({ night }) => night > '2026')
}

/** The tables of docs/scale.md, by the name in their markers. */
export function scaleTables(listing: readonly Listed[]): Record<string, () => string> {
  const nights = (selection: (date: string) => boolean) => selected(listing, { selection, least: 0 })
  const all = nights(() => true)
  const selections = { '2020 to 2021': nights(date => date >= '2020' && date < '2022'), all }
  return {
    selections: () => selectionsTable(selections),
    sites: () => sitesTable(selections),
    giant: () => giantTable(all),
    order: () => orderTable(all),
  }
}

function selectionsTable(selections: Record<string, readonly Sized[]>): string {
  const rows = Object.entries(selections).map(([name, nights]) => {
    const bytes = nights.reduce((sum, night) => sum + night.bytes, 0)
    const files = filesOf(nights, Number(SETTINGS.ALERTS_PER_FILE.standard))
    const largest = Math.max(...nights.map(night => night.bytes))
    const sizes = [bytes, Math.round(expectedLake(bytes)), largest].map(showBytes)
    return [name, ...[nights.length, expectedAlerts(bytes), files].map(showCount), ...sizes]
  })
  return markdown('nights | tarballs | alerts, about | files | tar.gz | lake | largest tarball', rows)
}

function sitesTable(selections: Record<string, readonly Sized[]>): string {
  const rows = Object.entries(SITES).flatMap(([name, site]) =>
    Object.entries(selections).map(([which, nights]) => [name, which, ...cells(nights, site)]),
  )
  return markdown(
    'site | nights | download | lake | check | all | all, `KEEP_TARS=no` | disk | disk, `KEEP_TARS=no`',
    rows,
  )
}

function cells(nights: readonly Sized[], site: Site): string[] {
  const commands: Steps[] = [
    { download: true },
    CONVERT,
    { download: false, work: 'check' },
    ALL,
    { ...ALL, ahead: AHEAD },
  ]
  const forecasts = commands.map(steps => forecast(nights, site, steps))
  return [...forecasts.map(timeOf), ...forecasts.slice(-2).map(({ peak }) => showBytes(Math.round(peak)))]
}

/** Where cores are all that is scarce. */
function giantTable(nights: readonly Sized[]): string {
  const [giant] = nights.toSorted((a, b) => b.bytes - a.bytes)
  const rows = [1, 4, 16, 64].map(nodes => {
    const site: Site = { cores: 16, nodes, link: UNLIMITED, disk: UNLIMITED }
    const { seconds, bounds } = forecast(nights, site, CONVERT)
    const without = nights.filter(night => night !== giant)
    const times = [bounds.cores, bounds['one night'], seconds, forecast(without, site, CONVERT).seconds]
    return [String(nodes), ...times.map(showTime)]
  })
  const heading =
    'nodes of 16 cores | all cores busy to the end | the largest night alone | `make lake` | without that night'
  return markdown(heading, rows)
}

/** What the order of downloads does to make all, on the server. */
function orderTable(nights: readonly Sized[]): string {
  const sizes = nights.toSorted((a, b) => b.bytes - a.bytes)
  const [giant] = sizes as [Sized]
  const late = [...nights.filter(night => night !== giant), giant]
  const orders = {
    'by date, as it is': nights,
    'by size, the largest first': sizes,
    'by date, but the largest last': late,
  }
  const rows = Object.entries(orders).map(([name, order]) => {
    const times = [ALL, { ...ALL, ahead: AHEAD }].map(steps => forecast(order, SITES[SERVER] as Site, steps).seconds)
    return [name, ...times.map(showTime)]
  })
  return markdown('order of downloads | `make all` | `make all KEEP_TARS=no`', rows)
}

function timeOf({ seconds, binds }: Forecast): string {
  return `${showTime(seconds)}, ${binds}`
}

function markdown(heading: string, rows: readonly (readonly string[])[]): string {
  const rule = rows[0]?.map(() => '---') ?? []
  return [[heading], rule, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}
