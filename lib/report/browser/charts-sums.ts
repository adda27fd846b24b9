import { barX, barY, ruleY, text } from '@observablehq/plot'
import { plural, showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { Overview, Run } from '../overview.ts'
import { barInsets, type Chart, datesAxis, type LakeDate } from './charts-nights.ts'
import { showTimestamp } from './dates.ts'
import { unitOfBytes } from './scale.ts'

const KINDS = ['tar.gz of all nights', 'tar.gz converted', 'Parquet']
const COLOURS = ['var(--mark-quiet)', 'var(--mark)', 'var(--lake)']
/** Height in pixels of a schema version's bar. */
const VERSION_HEIGHT = 22
const MAX_VERSIONS = 12
/** Height in pixels of a run's line of text, and of its bar with margins. */
const [LINE_HEIGHT, BAR_HEIGHT] = [15, 20]
/** Width in pixels from which a run's text fits one line. */
const ONE_LINE = 440

export function volume({ nights }: Overview): Chart {
  const withAlerts = nights.filter(({ state, lake }) => state !== 'empty' && (lake === undefined || lake.alerts > 0))
  const volumes = withAlerts.flatMap(({ date, bytes = 0, lake }) =>
    [bytes, lake ? bytes : 0, lake?.bytes ?? 0].map((bytes, i) => ({ year: date.slice(0, 4), kind: KINDS[i], bytes })),
  )
  const sums = [...Map.groupBy(volumes, ({ year, kind }) => `${year} ${kind}`).values()].map(group => {
    return { ...(group[0] as (typeof volumes)[number]), bytes: group.reduce((sum, { bytes }) => sum + bytes, 0) }
  })
  const unit = unitOfBytes(Math.max(0, ...sums.map(({ bytes }) => bytes)))
  return {
    title: 'Volume by year',
    subtitle: `${unit.name}, by year of the night`,
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

export function versions(nights: readonly LakeDate[], width: number): Chart {
  const parts = nights.flatMap(night =>
    Object.entries(night.lake.versions).map(([version, alerts]) => ({ ...night, version, alerts })),
  )
  const totals = [...Map.groupBy(parts, ({ version }) => version)]
    .map(([version, group]) => ({ version, alerts: group.reduce((sum, { alerts }) => sum + alerts, 0) }))
    .sort((a, b) => b.alerts - a.alerts)
  const shown = totals.slice(0, MAX_VERSIONS).sort((a, b) => (a.version < b.version ? -1 : 1))
  const hidden = totals.length - shown.length
  const names = new Set(shown.map(({ version }) => version))
  return {
    title: 'Schema versions',
    subtitle: `Nights and alerts of each version${hidden > 0 ? `; ${plural(hidden, 'rare version')} not shown` : ''}`,
    options: {
      ...{ height: 30 + VERSION_HEIGHT * shown.length, marginTop: 4, marginRight: 92, x: datesAxis(nights) },
      y: { label: null, domain: [...names], padding: 0.3, tickSize: 0, tickFormat: shortened },
      marks: [
        barX(
          parts.filter(({ version }) => names.has(version)),
          {
            ...{
              x1: 'from',
              x2: 'to',
              y: 'version',
              ...barInsets(nights, width - 130),
              fill: 'var(--mark)',
              tip: true,
            },
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
  const lines = width < ONE_LINE ? 2 : 1
  const label = (run: Run) =>
    [
      `${showTimestamp(run.start)}  ·  ${plural(run.nights, 'night')} in ${showSeconds(secondsOf(run))}`,
      `${showCount(rateOf(run))} alerts/s  ·  ${showBytes(Math.round(run.bytes / secondsOf(run)))}/s`,
    ].join(lines === 2 ? '\n' : '  ·  ')
  return {
    title: 'Throughput of the last runs',
    subtitle: 'Alerts and bytes of tar.gz per second; a pause of ten minutes ends a run; times are UTC',
    options: {
      ...{ height: (lines * LINE_HEIGHT + BAR_HEIGHT) * newest.length, marginLeft: 0, marginTop: 0, marginBottom: 0 },
      ...{ x: { axis: null, zero: true }, y: { axis: null, domain: newest.map(({ start }) => start), padding: 0 } },
      marks: [
        barX(newest, {
          x: rateOf,
          y: 'start',
          insetTop: lines * LINE_HEIGHT + 3,
          insetBottom: 10,
          fill: 'var(--mark)',
        }),
        text(newest, {
          ...{
            y: 'start',
            text: label,
            frameAnchor: 'left',
            textAnchor: 'start',
            lineAnchor: 'middle',
            lineHeight: 1.3,
            dy: -BAR_HEIGHT / 2,
          },
        }),
      ],
    },
  }
}

/** Duration in seconds; never 0, since it is a divisor. */
function secondsOf({ start, end }: Run): number {
  return Math.max(1, end - start) / 1000
}

function rateOf(run: Run): number {
  return run.alerts / secondsOf(run)
}

/** A version comes from a packet's header, so it may be any text. */
function shortened(version: string): string {
  return version.length > 5 ? `${version.slice(0, 4)}…` : version
}
