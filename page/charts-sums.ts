import { barX, barY, ruleX, ruleY, text } from '@observablehq/plot'
import type { Overview } from '../lib/overview.ts'
import type { Run } from '../lib/runs.ts'
import { plural, showBytes, showCount, showSeconds } from '../lib/units.ts'
import { type Chart, type Converted, reach } from './charts-nights.ts'
import { showTime } from './dates.ts'
import { unitOfBytes } from './scale.ts'

const KINDS = ['tar.gz in the archive', 'tar.gz converted', 'Parquet']
const COLOURS = ['var(--mark-quiet)', 'var(--mark)', 'var(--lake)']
const LANE = 22
const LANES = 12
const RUN = 34

export function volume({ nights }: Overview): Chart {
  const holding = nights.filter(({ state, lake }) => state !== 'empty' && (lake === undefined || lake.alerts > 0))
  const each = holding.flatMap(({ date, bytes = 0, lake }) =>
    [bytes, lake ? bytes : 0, lake?.bytes ?? 0].map((bytes, i) => ({ year: date.slice(0, 4), kind: KINDS[i], bytes })),
  )
  const sums = [...Map.groupBy(each, ({ year, kind }) => `${year} ${kind}`).values()].map(of => {
    return { ...(of[0] as (typeof each)[number]), bytes: of.reduce((sum, { bytes }) => sum + bytes, 0) }
  })
  const unit = unitOfBytes(Math.max(0, ...sums.map(({ bytes }) => bytes)))
  return {
    title: 'Volume by year',
    about: `${unit.name}, by the year of the night`,
    options: {
      ...{ fx: { label: null, padding: 0.2 }, x: { axis: null, domain: KINDS, padding: 0.08 } },
      ...{ y: { label: null, grid: true, ticks: 4 }, color: { domain: KINDS, range: COLOURS, legend: true } },
      marks: [
        barY(sums, {
          ...{ fx: 'year', x: 'kind', y: ({ bytes }) => bytes / unit.size, fill: 'kind', tip: true },
          title: ({ year, kind, bytes }) => `${year}, ${kind}\n${showBytes(bytes)}`,
        }),
        ruleY([0], { stroke: 'var(--line)' }),
      ],
    },
  }
}

export function versions(nights: readonly Converted[], width: number): Chart {
  const each = nights.flatMap(night =>
    Object.entries(night.lake.versions).map(([version, alerts]) => ({ ...night, version, alerts })),
  )
  const lanes = [...Map.groupBy(each, ({ version }) => version)]
    .map(([version, of]) => ({ version, alerts: of.reduce((sum, { alerts }) => sum + alerts, 0) }))
    .sort((a, b) => b.alerts - a.alerts)
  const shown = lanes.slice(0, LANES).sort((a, b) => (a.version < b.version ? -1 : 1))
  const more = lanes.length - shown.length
  const names = new Set(shown.map(({ version }) => version))
  return {
    title: 'Schema versions',
    about: `Nights with alerts of each version, and how many alerts${more > 0 ? `; ${plural(more, 'rare version')} left out` : ''}`,
    options: {
      ...{ height: 30 + LANE * shown.length, marginTop: 4, marginRight: 92, x: { type: 'utc', label: null } },
      y: { label: null, domain: [...names], padding: 0.3, tickSize: 0, tickFormat: shortened },
      marks: [
        barX(
          each.filter(({ version }) => names.has(version)),
          {
            ...{ x1: 'from', x2: 'to', y: 'version', ...reach(nights, width - 130), fill: 'var(--mark)', tip: true },
            title: ({ stem, version, alerts }) => `${stem}\n${shortened(version)}: ${plural(alerts, 'alert')}`,
          },
        ),
        text(shown, {
          ...{ y: 'version', frameAnchor: 'right', textAnchor: 'end', dx: 92, fill: 'var(--quiet)' },
          text: ({ alerts }) => showCount(alerts),
        }),
      ],
    },
  }
}

export function throughput({ runs }: Overview): Chart {
  const newest = runs.toReversed()
  const seconds = ({ start, end }: Run) => Math.max(1, end - start) / 1000
  const rate = (run: Run) => run.alerts / seconds(run)
  const says = (run: Run) =>
    [
      showTime(run.start),
      `${plural(run.nights, 'night')} in ${showSeconds(seconds(run))}`,
      `${showCount(rate(run))} alerts/s`,
      `${showBytes(run.bytes / seconds(run))}/s`,
    ].join('  ·  ')
  return {
    title: 'Throughput of the last runs',
    about: 'Alerts per second, and tar.gz; a run is what was converted without a pause of ten minutes, times are UTC',
    options: {
      ...{ height: 8 + RUN * newest.length, marginLeft: 1, marginTop: 4, marginBottom: 4 },
      ...{ x: { axis: null, zero: true }, y: { axis: null, domain: newest.map(({ start }) => start), padding: 0 } },
      marks: [
        barX(newest, { x: rate, y: 'start', insetTop: 20, insetBottom: 6, fill: 'var(--mark)' }),
        text(newest, { y: 'start', frameAnchor: 'left', textAnchor: 'start', dy: -6, fontSize: 11, text: says }),
        ruleX([0], { stroke: 'var(--line)' }),
      ],
    },
  }
}

/** Versions are what a header claims, so one may be any text. */
function shortened(version: string): string {
  return version.length > 5 ? `${version.slice(0, 4)}…` : version
}
