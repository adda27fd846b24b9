import { byId, element } from '../../browser/dom.ts'
import { plural, showBytes, showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { compressionOf, sum } from './numbers.ts'

export function drawTotals({ nights }: Overview): void {
  const withAlerts = nights.filter(({ state }) => state !== 'empty')
  const converted = withAlerts.filter(({ lake }) => lake)
  const pending = withAlerts.filter(({ lake }) => !lake)
  const onDisk = nights.filter(({ state }) => state === 'disk')
  const [tarballs, parquet] = [sum(converted, ({ bytes }) => bytes), sum(converted, ({ lake }) => lake?.bytes)]
  const lakes = converted.flatMap(({ lake }) => lake ?? [])
  const ratio = parquet > 0 ? `; ${compressionOf(lakes).toFixed(2)} times smaller than the tar` : ''
  const damaged = sum(converted, ({ lake }) => lake?.damaged)
  const pendingBytes = showBytes(sum(pending, ({ bytes }) => bytes))
  const totals: [label: string, value: string, note: string][] = [
    ['Nights in the lake', showCount(converted.length), `of ${showCount(withAlerts.length)} with alerts`],
    ['Alerts', showCount(sum(converted, ({ lake }) => lake?.alerts)), `${plural(damaged, 'damaged packet')} left out`],
    ['Parquet', showBytes(parquet), `from ${showBytes(tarballs)} of tar.gz${ratio}`],
    ['Not in the lake yet', plural(pending.length, 'night'), `${pendingBytes}; ${showCount(onDisk.length)} on disk`],
  ]
  byId('totals').replaceChildren(
    ...totals.map(([label, value, note]) =>
      element('div', {}, element('dt', {}, label), element('dd', {}, value), element('dd', {}, note)),
    ),
  )
}
