import { byId } from '../../browser/dom.ts'
import type { NightDate } from './dates.ts'
import { followCell, hideDetails, showDetails } from './details.ts'
import type { DateState } from './states.ts'
import { drawYears } from './years.ts'

/** Number of days by which each key moves the focus. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -7,
  ArrowRight: 7,
  ArrowUp: -1,
  ArrowDown: 1,
  PageUp: -364,
  PageDown: 364,
  Home: -Infinity,
  End: Infinity,
}

/** The calendar of all nights. Tab reaches only the current cell, and the keys in `STEPS` move the focus. */
export class Calendar {
  private readonly root = byId('calendar')
  private readonly dates: readonly NightDate[]
  private readonly byDate: ReadonlyMap<string, NightDate>
  private readonly open: (date: string) => void
  private current: NightDate | undefined

  /** @param open called with the date when the user clicks a cell or presses Enter or Space on it */
  constructor(dates: readonly NightDate[], open: (date: string) => void) {
    this.dates = dates
    this.byDate = new Map(dates.map(date => [date.date, date]))
    this.open = open
    this.current = dates.at(-1)
    for (const event of ['pointerover', 'focusin'])
      this.root.addEventListener(event, ({ target }) => this.hover(target))
    for (const event of ['pointerleave', 'focusout']) this.root.addEventListener(event, hideDetails)
    this.root.addEventListener('keydown', event => this.handleKey(event))
    this.root.addEventListener('click', event => this.handleClick(event))
    addEventListener('scroll', followCell, { passive: true })
  }

  draw(width: number): void {
    this.root.replaceChildren(...drawYears(this.dates, width))
    for (const cell of this.cells()) cell.setAttribute('tabindex', '-1')
    this.currentCell()?.setAttribute('tabindex', '0')
  }

  /** Dims all dates that have none of these states. An empty set dims nothing. */
  show(states: ReadonlySet<DateState>): void {
    for (const part of this.root.querySelectorAll('[data-date], [data-symbol-of]')) {
      const nights = this.dateOf(part)?.nights ?? []
      const own: DateState[] = nights.length > 0 ? nights.map(({ state }) => state) : ['gap']
      part.classList.toggle('dimmed', states.size > 0 && !own.some(state => states.has(state)))
    }
  }

  private hover(target: EventTarget | null): void {
    const date = this.dateOf(target)
    if (date) showDetails(date, target as Element)
    else hideDetails()
  }

  private handleKey(event: KeyboardEvent): void {
    if (!this.current) return
    const step = STEPS[event.key]
    if (event.key === 'Escape') hideDetails()
    if (event.key === 'Enter' || event.key === ' ') this.open(this.current.date)
    else if (step !== undefined) this.focus(this.toward(this.current.day + step, step))
    else return
    event.preventDefault()
  }

  private handleClick(event: MouseEvent): void {
    const date = this.dateOf(event.target)
    if (!date) return
    this.focus(date)
    // A tap only shows the details, because a touch screen has no hover.
    if ((event as PointerEvent).pointerType !== 'touch') this.open(date.date)
  }

  /** First date at or beyond day `target` in the direction of `step`, else the last date in that direction. */
  private toward(target: number, step: number): NightDate | undefined {
    if (step > 0) return this.dates.find(({ day }) => day >= target) ?? this.dates.at(-1)
    return this.dates.findLast(({ day }) => day <= target) ?? this.dates[0]
  }

  private focus(date: NightDate | undefined): void {
    this.currentCell()?.setAttribute('tabindex', '-1')
    this.current = date
    this.currentCell()?.setAttribute('tabindex', '0')
    this.currentCell()?.focus()
  }

  private cells(): NodeListOf<Element> {
    return this.root.querySelectorAll('[data-date]')
  }

  private currentCell(): SVGElement | null {
    return this.root.querySelector(`[data-date="${this.current?.date}"]`)
  }

  private dateOf(target: EventTarget | null): NightDate | undefined {
    if (!(target instanceof SVGElement)) return undefined
    return this.byDate.get(target.dataset.date ?? target.dataset.symbolOf ?? '')
  }
}
