import { areaY, dot, lineY, type PlotOptions, rectY, ruleY, type ScaleOptions } from '@observablehq/plot'
import { plural, showBytes, showCount } from '../../core/units.ts'
import type { LakeNight, Overview, OverviewNight } from '../overview.ts'
import { dayOf, isoOf, startOf } from './dates.ts'
import { compressionOf, shortCount } from './numbers.ts'

export interface Chart {
  readonly title: string
  readonly subtitle: string
  readonly options: PlotOptions
}

/** A night in the lake, with the start and end of its date. */
export type LakeDate = OverviewNight & { readonly lake: LakeNight; readonly from: Date; readonly to: Date }

export const Y_AXIS: ScaleOptions = { label: null, grid: true, ticks: 4 }
export const BASELINE = ruleY([0], { stroke: 'var(--line)' })

/** Number of nights above which charts use smaller marks. */
const MANY_NIGHTS = 150

/** Nights in the lake that have alerts, in date order. */
export function nightsInLake({ nights }: Overview): LakeDate[] {
  return nights.flatMap(night => {
    const day = dayOf(night.date)
    return night.lake?.alerts ? { ...night, lake: night.lake, from: startOf(day), to: startOf(day + 1) } : []
  })
}

/** Insets of a night's bar in pixels. With many dates they are negative, so that bars stay wide enough to see. */
export function barInsets(nights: readonly LakeDate[], width: number): { insetLeft: number; insetRight: number } {
  const minWidth = nights.length > MANY_NIGHTS ? 1.2 : 4
  const inset = Math.min(0.5, (width / daysOf(nights) - minWidth) / 2)
  return { insetLeft: inset, insetRight: inset }
}

/** Time axis from the first to the last date. */
export function datesAxis(nights: readonly LakeDate[]): ScaleOptions {
  const domain = [nights[0]?.from, nights.at(-1)?.to] as Date[]
  return { type: 'utc', label: null, domain, ...(daysOf(nights) <= 10 && { ticks: 'day' }) }
}

/** Number of days from the first to the last date, including both. */
function daysOf(nights: readonly LakeDate[]): number {
  return dayOf(nights.at(-1)?.date ?? '') - dayOf(nights[0]?.date ?? '') + 1
}

export function alertsByNight(nights: readonly LakeDate[], width: number): Chart {
  const bars = rectY(nights, {
    x1: 'from',
    x2: 'to',
    y: ({ lake }) => lake.alerts,
    ...barInsets(nights, width),
    fill: 'var(--mark)',
    title: ({ stem, lake }) => `${stem}\n${plural(lake.alerts, 'alert')}`,
    tip: 'x',
  })
  return {
    title: 'Alerts by night',
    subtitle: 'One bar per night; two where a date has a programid3 tarball too',
    options: { x: datesAxis(nights), y: { ...Y_AXIS, tickFormat: shortCount }, marks: [bars, BASELINE] },
  }
}

export function cumulativeAlerts(nights: readonly LakeDate[]): Chart {
  let total = 0
  const sums = nights.map(({ date, from, lake }) => {
    total += lake.alerts
    return { date, at: from, sum: total }
  })
  const last = nights.at(-1) as LakeDate
  const points = [...sums, { date: last.date, at: last.to, sum: total }]
  const position = { x: 'at', curve: 'step-after' } as const
  const line = lineY(points, {
    ...position,
    y: 'sum',
    stroke: 'var(--mark)',
    strokeWidth: 1.5,
    title: ({ date, sum }) => `to ${isoOf(date)}\n${plural(sum, 'alert')}`,
    tip: 'x',
  })
  const area = areaY(points, { ...position, y1: 0, y2: 'sum', fill: 'var(--mark)', fillOpacity: 0.14 })
  return {
    title: 'Cumulative alerts',
    subtitle: `${showCount(total)} in total`,
    options: { x: datesAxis(nights), y: { ...Y_AXIS, tickFormat: shortCount }, marks: [area, line, BASELINE] },
  }
}

export function compression(nights: readonly LakeDate[]): Chart {
  const ratio = ({ lake }: LakeDate) => compressionOf([lake])
  const all = compressionOf(nights.map(({ lake }) => lake))
  const dots = dot(nights, {
    x: 'from',
    y: ratio,
    r: nights.length > MANY_NIGHTS ? 1.5 : 3,
    fill: 'var(--mark)',
    fillOpacity: 0.7,
    title: night => {
      const { tarBytes, bytes, codec } = night.lake
      const smaller = `${ratio(night).toFixed(2)} times smaller than the tar, ${codec}`
      return [night.stem, smaller, `${showBytes(tarBytes)} → ${showBytes(bytes)}`].join('\n')
    },
    tip: true,
  })
  const line = ruleY([all], { stroke: 'var(--ink)', strokeOpacity: 0.5 })
  return {
    title: 'Compression',
    subtitle: `How many times smaller than its tar a night is in the lake; line: all nights, ${all.toFixed(2)}`,
    options: { x: datesAxis(nights), y: { ...Y_AXIS, nice: true }, marks: [line, dots] },
  }
}
