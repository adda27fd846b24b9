import { plural, showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { LakeNight, OverviewNight } from '../overview.ts'
import { longDate, type NightDate, showTime } from './dates.ts'
import { byId, element } from './dom.ts'
import { LOOKS, swatch } from './states.ts'

const GAP = 8

/** One line on a date, for those who hear the page. */
export function summary({ date, nights }: NightDate): string {
  const each = nights.map(({ state, lake }) => LOOKS[state].label + (lake ? `, ${plural(lake.alerts, 'alert')}` : ''))
  return `${longDate(date)}: ${each.join('; ') || LOOKS.gap.label}`
}

/** The cell beside which the details stand. */
let anchor: Element | undefined

/** Shows all that is known of a date beside its cell. */
export function showDetails(shown: NightDate, cell: Element): void {
  anchor = cell
  byId('details').replaceChildren(element('strong', {}, longDate(shown.date)), ...contents(shown))
  byId('details').hidden = false
  followCell()
}

export function hideDetails(): void {
  byId('details').hidden = true
}

/** Puts the details beside their cell, within the window: again after a scroll, which a step of the focus may cause. */
export function followCell(): void {
  const box = byId('details')
  if (box.hidden || !anchor) return
  const at = anchor.getBoundingClientRect()
  const left = Math.min(at.left, document.documentElement.clientWidth - box.offsetWidth - GAP)
  const fits = at.bottom + GAP + box.offsetHeight < window.innerHeight
  const top = fits ? at.bottom + GAP : at.top - GAP - box.offsetHeight
  box.style.translate = `${Math.max(GAP, left)}px ${Math.max(GAP, top)}px`
}

function contents({ nights }: NightDate): HTMLElement[] {
  if (nights.length === 0) return [element('section', {}, swatch('gap'), ' no file in the archive')]
  return nights.map(night =>
    element(
      'section',
      {},
      element('div', {}, swatch(night.state), ` ${night.stem}: ${LOOKS[night.state].label}`),
      ...facts(night).map(line => element('div', { class: 'facts' }, line)),
      ...night.notes.map(note => element('div', { class: 'foreign' }, note)),
      ...(night.lake ? damage(night.lake) : []),
    ),
  )
}

function facts({ bytes, lake }: OverviewNight): string[] {
  if (!lake) return bytes ? [`${showBytes(bytes)} of tar.gz`] : []
  const { alerts, duplicates, tarBytes, files, seconds, versions, codec, converted } = lake
  const [kept, rate] = [tarBytes / lake.bytes, alerts / seconds]
  return [
    `${plural(alerts, 'alert')}${duplicates ? `, ${plural(duplicates, 'duplicate')} left out` : ''}`,
    `${showBytes(bytes ?? 0)} of tar.gz → ${showBytes(lake.bytes)} in ${plural(files, 'file')}`,
    Number.isFinite(kept) && `${kept.toFixed(2)} times smaller than the tar, ${codec}`,
    alerts > 0 && `schema ${Object.keys(versions).join(', ')}`,
    `converted ${showTime(converted)} UTC in ${showSeconds(seconds)}${alerts ? `, ${showCount(rate)} alerts/s` : ''}`,
  ].filter(line => line !== false)
}

function damage({ damaged, packets }: LakeNight): HTMLElement[] {
  if (damaged === 0) return []
  const more = damaged - packets.length
  return [
    element('div', {}, `${plural(damaged, 'damaged packet')} kept aside`),
    ...packets.map(packet => element('div', { class: 'foreign facts' }, packet)),
    ...(more > 0 ? [element('div', { class: 'facts' }, `and ${showCount(more)} more`)] : []),
  ]
}
