import { byId, element } from '../../browser/dom.ts'
import { plural, showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { LakeNight, OverviewNight } from '../overview.ts'
import { longDate, type NightDate, showTimestamp } from './dates.ts'
import { compressionOf, showVersions } from './numbers.ts'
import { STATE_STYLES, swatch } from './states.ts'

/** Distance in pixels from the details to their cell, and minimum distance to the sides of the window. */
const GAP = 8

/** One-line description of a date, for screen readers. */
export function summary({ date, nights }: NightDate): string {
  const each = nights.map(
    ({ state, lake }) => STATE_STYLES[state].label + (lake ? `, ${plural(lake.alerts, 'alert')}` : ''),
  )
  return `${longDate(date)}: ${each.join('; ') || STATE_STYLES.gap.label}`
}

/** Cell whose details were shown last. */
let anchor: Element | undefined

export function showDetails(date: NightDate, cell: Element): void {
  anchor = cell
  byId('details').replaceChildren(element('strong', {}, longDate(date.date)), ...contents(date))
  byId('details').hidden = false
  followCell()
}

export function hideDetails(): void {
  byId('details').hidden = true
}

/**
 * Moves the details next to their cell, inside the window. Also runs on scroll, because focusing a cell may scroll the
 * page.
 */
export function followCell(): void {
  const box = byId('details')
  if (box.hidden || !anchor) return
  const cell = anchor.getBoundingClientRect()
  const left = Math.min(cell.left, document.documentElement.clientWidth - box.offsetWidth - GAP)
  const fits = cell.bottom + GAP + box.offsetHeight < window.innerHeight
  const top = fits ? cell.bottom + GAP : cell.top - GAP - box.offsetHeight
  box.style.translate = `${Math.max(GAP, left)}px ${Math.max(GAP, top)}px`
}

function contents({ nights }: NightDate): HTMLElement[] {
  if (nights.length === 0) return [element('section', {}, swatch('gap'), ' no file in the archive')]
  return nights.map(night =>
    element(
      'section',
      {},
      element('div', {}, swatch(night.state), ` ${night.stem}: ${STATE_STYLES[night.state].label}`),
      ...facts(night).map(line => element('div', { class: 'facts' }, line)),
      ...night.notes.map(note => element('div', { class: 'untrusted' }, note)),
      ...(night.lake ? damage(night.lake) : []),
    ),
  )
}

function facts({ bytes, lake }: OverviewNight): string[] {
  if (!lake) return bytes ? [`${showBytes(bytes)} of tar.gz`] : []
  const { alerts, duplicates, files, seconds, versions, codec } = lake
  const converted = `converted ${showTimestamp(lake.converted)} UTC in ${showSeconds(seconds)}`
  if (alerts === 0) return ['0 alerts', converted]
  return [
    plural(alerts, 'alert') + (duplicates > 0 ? `, ${plural(duplicates, 'duplicate')} left out` : ''),
    `${showBytes(bytes ?? 0)} of tar.gz → ${showBytes(lake.bytes)} in ${plural(files, 'file')}`,
    `${compressionOf([lake]).toFixed(2)} times smaller than the tar, ${codec}`,
    `schema ${showVersions(versions)}`,
    `${converted}, ${showCount(alerts / seconds)} alerts/s`,
  ]
}

function damage({ damaged, packets }: LakeNight): HTMLElement[] {
  if (damaged === 0) return []
  const more = damaged - packets.length
  return [
    element('div', {}, `${plural(damaged, 'damaged packet')} left out`),
    ...packets.map(packet => element('div', { class: 'untrusted facts' }, packet)),
    ...(more > 0 ? [element('div', { class: 'facts' }, `and ${showCount(more)} more`)] : []),
  ]
}
