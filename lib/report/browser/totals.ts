import { plural, showBytes, showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { byId, element } from './dom.ts'

/** Writes the few numbers that stand above all: label, value, and what to hold it against. */
export function drawTotals({ nights }: Overview): void {
  const holding = nights.filter(({ state }) => state !== 'empty')
  const lake = holding.flatMap(night => (night.lake ? { ...night, ...night.lake, tarball: night.bytes ?? 0 } : []))
  const coming = holding.filter(({ lake }) => !lake)
  const waiting = nights.filter(({ state }) => state === 'disk')
  const [alerts, bytes, tarballs] = [sum(lake, 'alerts'), sum(lake, 'bytes'), sum(lake, 'tarball')]
  const totals: [label: string, value: string, beside: string][] = [
    ['Nights in the lake', showCount(lake.length), `of ${showCount(holding.length)} with alerts`],
    ['Alerts', showCount(alerts), `${plural(sum(lake, 'damaged'), 'damaged packet')} kept aside`],
    ['Parquet', showBytes(bytes), `from ${showBytes(tarballs)} of tar.gz`],
    [
      'Still to come',
      plural(coming.length, 'night'),
      `${showBytes(sum(coming, 'bytes'))}; ${showCount(waiting.length)} on disk`,
    ],
  ]
  byId('totals').replaceChildren(
    ...totals.map(([label, value, beside]) =>
      element('div', {}, element('dt', {}, label), element('dd', {}, value), element('dd', {}, beside)),
    ),
  )
}

function sum<Name extends string>(items: readonly { readonly [name in Name]?: number }[], name: Name): number {
  return items.reduce((total, item) => total + (item[name] ?? 0), 0)
}
