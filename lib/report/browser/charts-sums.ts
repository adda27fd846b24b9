import { barX, barY, ruleY, text } from '@observablehq/plot'
import { plural, showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { Overview, Run } from '../overview.ts'
import { type Chart, type Converted, datesAxis, reach } from './charts-nights.ts'
import { showTime } from './dates.ts'
import { unitOfBytes } from './scale.ts'

const KINDS = ['tar.gz of all nights', 'tar.gz converted', 'Parquet']
const COLOURS = ['var(--mark-quiet)', 'var(--mark)', 'var(--lake)']
const LANE = 22
const LANES = 12
/** Pixels of a run's line of text, and of what is under it. */
const [LINE, BAR] = [15, 20]
const WIDE = 440

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
    about: `Nights of each version, and their alerts${more > 0 ? `; ${plural(more, 'rare version')} left out` : ''}`,
    options: {
      ...{ height: 30 + LANE * shown.length, marginTop: 4, marginRight: 92, x: datesAxis(nights) },
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

export function throughput({ runs }: Overview, width: number): Chart {
  const newest = runs.toReversed()
  const lines = width < WIDE ? 2 : 1
  const says = (run: Run) =>
    [
      `${showTime(run.start)}  ·  ${plural(run.nights, 'night')} in ${showSeconds(secondsOf(run))}`,
      `${showCount(rateOf(run))} alerts/s  ·  ${showBytes(Math.round(run.bytes / secondsOf(run)))}/s`,
    ].join(lines === 2 ? '\n' : '  ·  ')
  return {
    title: 'Throughput of the last runs',
    about: 'Alerts and bytes of tar.gz per second; a run ends with a pause of ten minutes; times are UTC',
    options: {
      ...{ height: (lines * LINE + BAR) * newest.length, marginLeft: 0, marginTop: 0, marginBottom: 0 },
      ...{ x: { axis: null, zero: true }, y: { axis: null, domain: newest.map(({ start }) => start), padding: 0 } },
      marks: [
        barX(newest, { x: rateOf, y: 'start', insetTop: lines * LINE + 3, insetBottom: 10, fill: 'var(--mark)' }),
        text(newest, {
          ...{
            y: 'start',
            text: says,
            frameAnchor: 'left',
            textAnchor: 'start',
            lineAnchor: 'middle',
            lineHeight: 1.3,
            dy: -BAR / 2,
          },
        }),
      ],
    },
  }
}

/** Never 0, so that it may divide. */
function secondsOf({ start, end }: Run): number {
  return Math.max(1, end - start) / 1000
}

function rateOf(run: Run): number {
  return run.alerts / secondsOf(run)
}

/** Versions are what a header claims, so one may be any text. */
function shortened(version: string): string {
  return version.length > 5 ? `${version.slice(0, 4)}…` : version
}
