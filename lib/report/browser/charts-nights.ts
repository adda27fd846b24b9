import { areaY, dot, lineY, type PlotOptions, rectY, ruleY, type ScaleOptions } from '@observablehq/plot'
import { showBytes, showCount } from '../../core/units.ts'
import type { LakeNight, Overview, OverviewNight } from '../overview.ts'
import { dayOf, isoOf, startOf } from './dates.ts'
import { unitOfCount } from './scale.ts'

export interface Chart {
  readonly title: string
  /** Quantity and unit. */
  readonly subtitle: string
  readonly options: PlotOptions
}

/** A night in the lake, with the start and end of its date. */
export type LakeDate = OverviewNight & { readonly lake: LakeNight; readonly from: Date; readonly to: Date }

/** Nights in the lake that have alerts, in date order. */
export function nightsInLake({ nights }: Overview): LakeDate[] {
  return nights.flatMap(night => {
    const day = dayOf(night.date)
    return night.lake?.alerts ? { ...night, lake: night.lake, from: startOf(day), to: startOf(day + 1) } : []
  })
}

/** Insets of a night's bar in pixels. Negative ones make bars overlap, so that they stay visible among many dates. */
export function barInsets(nights: readonly LakeDate[], width: number): { insetLeft: number; insetRight: number } {
  const days = dayOf(nights.at(-1)?.date ?? '') - dayOf(nights[0]?.date ?? '') + 1
  const minWidth = nights.length > 150 ? 1.2 : 4
  const inset = Math.min(0.5, (width / days - minWidth) / 2)
  return { insetLeft: inset, insetRight: inset }
}

/** Time axis from the first to the last date. */
export function datesAxis(nights: readonly LakeDate[]): ScaleOptions {
  const [first, last] = [nights[0], nights.at(-1)]
  const fewDays = first && last && dayOf(last.date) - dayOf(first.date) < 10
  return {
    type: 'utc',
    label: null,
    ...(first && last && { domain: [first.from, last.to] }),
    ...(fewDays && { ticks: 'day' }),
  }
}

export function alertsByNight(nights: readonly LakeDate[], width: number): Chart {
  const unit = unitOfCount(Math.max(...nights.map(({ lake }) => lake.alerts)))
  const y = ({ lake }: LakeDate) => lake.alerts / unit.size
  const title = ({ stem, lake }: LakeDate) => `${stem}\n${showCount(lake.alerts)} alerts`
  return {
    title: 'Alerts by night',
    subtitle: `Alerts${unit.name && `, ${unit.name}`}`,
    options: {
      ...{ x: datesAxis(nights), y: { label: null, grid: true, ticks: 4 } },
      marks: [
        rectY(nights, { x1: 'from', x2: 'to', y, ...barInsets(nights, width), fill: 'var(--mark)', title, tip: 'x' }),
        ruleY([0], { stroke: 'var(--line)' }),
      ],
    },
  }
}

export function cumulativeAlerts(nights: readonly LakeDate[]): Chart {
  let sum = 0
  const sums = [...Map.groupBy(nights, ({ date }) => date)].flatMap(([date, group]) => {
    const before = sum
    for (const { lake } of group) sum += lake.alerts
    return [
      { date, at: startOf(dayOf(date)), sum: before },
      { date, at: startOf(dayOf(date) + 1), sum },
    ]
  })
  const unit = unitOfCount(sum)
  const height = (night: { sum: number }) => night.sum / unit.size
  const position = { x: 'at' } as const
  const title = (night: { date: string; sum: number }) => `to ${isoOf(night.date)}\n${showCount(night.sum)} alerts`
  return {
    title: 'Cumulative alerts',
    subtitle: `${showCount(sum)} in total; alerts${unit.name && `, ${unit.name}`}`,
    options: {
      ...{ x: datesAxis(nights), y: { label: null, grid: true, ticks: 4, zero: true } },
      marks: [
        areaY(sums, { ...position, y1: 0, y2: height, fill: 'var(--mark)', fillOpacity: 0.14 }),
        lineY(sums, { ...position, y: height, stroke: 'var(--mark)', strokeWidth: 1.5, title, tip: 'x' }),
        ruleY([0], { stroke: 'var(--line)' }),
      ],
    },
  }
}

export function compression(nights: readonly LakeDate[]): Chart {
  const ratio = ({ lake }: LakeDate) => lake.tarBytes / lake.bytes
  const median = nights.map(ratio).sort((a, b) => a - b)[nights.length >> 1] ?? 1
  const title = ({ stem, lake }: LakeDate) =>
    [
      ...[stem, `${(lake.tarBytes / lake.bytes).toFixed(2)} times smaller, ${lake.codec}`],
      `${showBytes(lake.tarBytes)} → ${showBytes(lake.bytes)}`,
    ].join('\n')
  return {
    title: 'Compression',
    subtitle: `Bytes of tar per byte of Parquet, by night; line: median, ${median.toFixed(2)}`,
    options: {
      ...{ x: datesAxis(nights), y: { label: null, grid: true, ticks: 4, nice: true } },
      marks: [
        ruleY([median], { stroke: 'var(--ink)', strokeOpacity: 0.5 }),
        dot(nights, {
          ...{ x: 'from', y: ratio, r: nights.length > 150 ? 1.5 : 3, fill: 'var(--mark)', fillOpacity: 0.7 },
          ...{ stroke: 'none', title, tip: true },
        }),
      ],
    },
  }
}
