import { barX, barY, text } from '@observablehq/plot'
import { plural, showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { Overview, Run } from '../overview.ts'
import { BASELINE, barInsets, type Chart, datesAxis, type LakeDate, Y_AXIS } from './charts-nights.ts'
import { showTimestamp } from './dates.ts'
import { sum, unitOf } from './numbers.ts'

const KINDS = ['tar.gz of all nights', 'tar.gz converted', 'Parquet']
const COLOURS = ['var(--mark-quiet)', 'var(--mark)', 'var(--lake)']
/** Row heights in pixels, for a schema version and for a run with its two lines of text. */
const [VERSION_HEIGHT, RUN_HEIGHT] = [22, 50]

export function volume({ nights }: Overview): Chart {
  const withAlerts = nights.filter(({ state }) => state !== 'empty')
  const sums = [...Map.groupBy(withAlerts, ({ date }) => date.slice(0, 4))].flatMap(([year, group]) => {
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
  const totals = [...Map.groupBy(parts, ({ version }) => version)].map(([version, group]) => {
    return { version, alerts: sum(group, ({ alerts }) => alerts) }
  })
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
      y: { type: 'band', label: null, padding: 0.3, tickSize: 0 },
      marks: [bars, counts],
    },
  }
}

export function throughput({ runs }: Overview): Chart {
  const newest = runs.toReversed()
  const bars = barX(newest, { x: alertsPerSecond, y: 'start', insetTop: 33, insetBottom: 10, fill: 'var(--mark)' })
  const labels = text(newest, {
    y: 'start',
    text: run =>
      `${showTimestamp(run.start)}  ·  ${plural(run.nights, 'night')} in ${showSeconds(secondsOf(run))}\n` +
      `${showCount(alertsPerSecond(run))} alerts/s  ·  ${showBytes(Math.round(run.bytes / secondsOf(run)))}/s`,
    frameAnchor: 'left',
    textAnchor: 'start',
    lineHeight: 1.3,
    dy: -10,
  })
  return {
    title: 'Throughput of the last runs',
    subtitle: 'Alerts and bytes of tar.gz per second; a pause of ten minutes ends a run; times are UTC',
    options: {
      height: RUN_HEIGHT * newest.length,
      marginLeft: 0,
      marginTop: 0,
      marginBottom: 0,
      x: { axis: null, zero: true },
      y: { axis: null, domain: newest.map(({ start }) => start), padding: 0 },
      marks: [bars, labels],
    },
  }
}

function alertsPerSecond(run: Run): number {
  return run.alerts / secondsOf(run)
}

/** Duration in seconds; never 0, because it is used as a divisor. */
function secondsOf({ start, end }: Run): number {
  return Math.max(1, end - start) / 1000
}
