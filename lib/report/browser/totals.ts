import { plural, showBytes, showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { byId, element } from './dom.ts'

/** Fills in the numbers at the top of the page. */
export function drawTotals({ nights }: Overview): void {
  const withAlerts = nights.filter(({ state }) => state !== 'empty')
  const lake = withAlerts.flatMap(night => (night.lake ? { ...night, ...night.lake, tarball: night.bytes ?? 0 } : []))
  const pending = withAlerts.filter(({ lake }) => !lake)
  const onDisk = nights.filter(({ state }) => state === 'disk')
  const [alerts, bytes, tarballs] = [sum(lake, 'alerts'), sum(lake, 'bytes'), sum(lake, 'tarball')]
  const totals: [label: string, value: string, note: string][] = [
    ['Nights in the lake', showCount(lake.length), `of ${showCount(withAlerts.length)} with alerts`],
    ['Alerts', showCount(alerts), `${plural(sum(lake, 'damaged'), 'damaged packet')} kept aside`],
    ['Parquet', showBytes(bytes), `from ${showBytes(tarballs)} of tar.gz`],
    [
      'Not in the lake yet',
      plural(pending.length, 'night'),
      `${showBytes(sum(pending, 'bytes'))}; ${showCount(onDisk.length)} on disk`,
    ],
  ]
  byId('totals').replaceChildren(
    ...totals.map(([label, value, note]) =>
      element('div', {}, element('dt', {}, label), element('dd', {}, value), element('dd', {}, note)),
    ),
  )
}

function sum<Name extends string>(items: readonly { readonly [name in Name]?: number }[], name: Name): number {
  return items.reduce((total, item) => total + (item[name] ?? 0), 0)
}
