import { barX, barY, text } from '@observablehq/plot'
import { plural, showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { Run } from '../../nights/runs.ts'
import type { Overview } from '../overview.ts'
import { BASELINE, barInsets, type Chart, datesAxis, type LakeDate, Y_AXIS } from './charts-nights.ts'
import { showTimestamp, yearsOf } from './dates.ts'
import { compareVersions, sum, unitOf } from './numbers.ts'

const KINDS = ['tar.gz of all nights', 'tar.gz converted', 'Parquet']
const COLOURS = ['var(--mark-quiet)', 'var(--mark)', 'var(--lake)']
const RUNS =
  'Alerts and bytes of tar.gz per second, as in the last line of make lake or make all, with the time (UTC) when it ended'
/** Row heights in pixels, for a schema version and for a run with its two lines of text. */
const [VERSION_HEIGHT, RUN_HEIGHT] = [22, 50]

export function volume({ nights }: Overview): Chart {
  const withAlerts = nights.filter(({ state }) => state !== 'empty')
  const byYear = Map.groupBy(withAlerts, ({ date }) => date.slice(0, 4))
  // Bars of no height keep the grid of a year without nights.
  const sums = yearsOf(withAlerts).flatMap(year => {
    const group = byYear.get(year) ?? []
    const converted = group.filter(({ lake }) => lake)
    const bytes = [sum(group, night => night.bytes), sum(converted, night => night.bytes)]
    return [...bytes, sum(converted, ({ lake }) => lake?.bytes)].map((bytes, i) => ({ year, kind: KINDS[i], bytes }))
  })
  const unit = unitOf(Math.max(...sums.map(({ bytes }) => bytes)))
  const bars = barY(sums, {
    fx: 'year',
    x: 'kind',
    y: ({ bytes }) => bytes / unit.size,
    fill: 'kind',
    title: ({ year, kind, bytes }) => `${year}, ${kind}\n${showBytes(bytes)}`,
    tip: true,
  })
  return {
    title: 'Volume by year',
    subtitle: `${unit.name}, by year of the night`,
    options: {
      fx: { label: null, padding: 0.2 },
      x: { axis: null, domain: KINDS, padding: 0.08 },
      y: Y_AXIS,
      color: { domain: KINDS, range: COLOURS, legend: true },
      marks: [bars, BASELINE],
    },
  }
}

export function versions(nights: readonly LakeDate[], width: number): Chart {
  const parts = nights.flatMap(night =>
    Object.entries(night.lake.versions).map(([version, alerts]) => ({ ...night, version, alerts })),
  )
  const totals = [...Map.groupBy(parts, ({ version }) => version)]
    .map(([version, group]) => ({ version, alerts: sum(group, ({ alerts }) => alerts) }))
    .sort((a, b) => compareVersions(a.version, b.version))
  const bars = barX(parts, {
    x1: 'from',
    x2: 'to',
    y: 'version',
    ...barInsets(nights, width - 130),
    fill: 'var(--mark)',
    title: ({ stem, version, alerts }) => `${stem}\n${version}: ${plural(alerts, 'alert')}`,
    tip: true,
  })
  const counts = text(totals, {
    y: 'version',
    text: ({ alerts }) => showCount(alerts),
    frameAnchor: 'right',
    textAnchor: 'end',
    dx: 92,
    fill: 'var(--quiet)',
  })
  return {
    title: 'Schema versions',
    subtitle: 'Nights and alerts of each version',
    options: {
      height: 30 + VERSION_HEIGHT * totals.length,
      marginTop: 4,
      marginRight: 92,
      x: datesAxis(nights),
      y: { type: 'band', domain: totals.map(({ version }) => version), label: null, padding: 0.3, tickSize: 0 },
      marks: [bars, counts],
    },
  }
}

export function throughput({ runs }: Overview): Chart {
  const newest = runs.toReversed()
  const bars = barX(newest, { x: alertsPerSecond, y: 'ended', insetTop: 33, insetBottom: 10, fill: 'var(--mark)' })
  const labels = text(newest, {
    y: 'ended',
    text: run =>
      `${showTimestamp(run.ended)}  ·  ${plural(run.nights, 'night')} in ${showSeconds(run.seconds)}\n` +
      `${showCount(alertsPerSecond(run))} alerts/s  ·  ${showBytes(run.tarballBytes / run.seconds)}/s`,
    frameAnchor: 'left',
    textAnchor: 'start',
    lineHeight: 1.3,
    dy: -10,
  })
  return {
    title: 'Throughput of the last runs',
    subtitle: RUNS,
    options: {
      height: RUN_HEIGHT * newest.length,
      marginLeft: 0,
      marginTop: 0,
      marginBottom: 0,
      x: { axis: null, zero: true },
      y: { axis: null, domain: newest.map(({ ended }) => ended), padding: 0 },
      marks: [bars, labels],
    },
  }
}

function alertsPerSecond(run: Run): number {
  return run.alerts / run.seconds
}
