import type { NightDate } from './dates.ts'
import { followCell, hideDetails, showDetails } from './details.ts'
import { byId } from './dom.ts'
import type { Shown } from './states.ts'
import { drawYears } from './years.ts'

const STEPS: Readonly<Record<string, number>> = {
  ...{ ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1 },
  ...{ PageUp: -364, PageDown: 364, Home: -Infinity, End: Infinity },
}

/** The calendar of all nights. One of its cells takes the focus, and keys move it on from there. */
export class Calendar {
  private readonly root = byId('calendar')
  private readonly dates: readonly NightDate[]
  private readonly indices: ReadonlyMap<string, number>
  private readonly open: (date: string) => void
  private current: number

  /** @param open is told the date that the reader wants to see in the table */
  constructor(dates: readonly NightDate[], open: (date: string) => void) {
    this.dates = dates
    this.indices = new Map(dates.map(({ date }, i) => [date, i]))
    this.open = open
    this.current = dates.length - 1
    this.root.addEventListener('pointerover', ({ target }) => this.point(target))
    this.root.addEventListener('pointerleave', hideDetails)
    this.root.addEventListener('focusin', ({ target }) => this.point(target))
    this.root.addEventListener('focusout', hideDetails)
    this.root.addEventListener('keydown', event => this.key(event))
    this.root.addEventListener('click', event => this.click(event))
    addEventListener('scroll', followCell, { passive: true })
  }

  /** Draws it as wide as there is room. */
  draw(width: number): void {
    this.root.replaceChildren(...drawYears(this.dates, width))
    for (const at of this.root.querySelectorAll('[data-date]')) at.setAttribute('tabindex', '-1')
    this.cellOf(this.current)?.setAttribute('tabindex', '0')
  }

  /** Dims what is of none of these states; of none given, nothing. */
  show(states: ReadonlySet<Shown>): void {
    for (const at of this.root.querySelectorAll('[data-date]')) {
      const { nights } = this.dates[this.indexOf(at)] as NightDate
      const of: Shown[] = nights.length > 0 ? nights.map(({ state }) => state) : ['gap']
      at.classList.toggle('dimmed', states.size > 0 && !of.some(state => states.has(state)))
    }
  }

  private point(target: EventTarget | null): void {
    const index = this.indexOf(target)
    if (index < 0) hideDetails()
    else showDetails(this.dates[index] as NightDate, target as Element)
  }

  private key(event: KeyboardEvent): void {
    const step = STEPS[event.key]
    if (event.key === 'Escape') hideDetails()
    if (event.key === 'Enter' || event.key === ' ') this.open((this.dates[this.current] as NightDate).date)
    else if (step !== undefined) this.focus(this.toward(step))
    else return
    event.preventDefault()
  }

  private click(event: MouseEvent): void {
    const index = this.indexOf(event.target)
    if (index < 0) return
    this.focus(index)
    // A finger has no other way to see the details.
    if ((event as PointerEvent).pointerType !== 'touch') this.open((this.dates[index] as NightDate).date)
  }

  /** The date so many days away, or the next one in that direction that there is. */
  private toward(step: number): number {
    const goal = (this.dates[this.current] as NightDate).day + step
    const found =
      step > 0 ? this.dates.findIndex(({ day }) => day >= goal) : this.dates.findLastIndex(({ day }) => day <= goal)
    return found >= 0 ? found : step > 0 ? this.dates.length - 1 : 0
  }

  private focus(index: number): void {
    this.cellOf(this.current)?.setAttribute('tabindex', '-1')
    this.current = index
    this.cellOf(index)?.setAttribute('tabindex', '0')
    this.cellOf(index)?.focus()
  }

  private cellOf(index: number): SVGElement | null {
    return this.root.querySelector(`[data-date="${this.dates[index]?.date}"]`)
  }

  private indexOf(target: EventTarget | null): number {
    const date = target instanceof SVGElement ? target.dataset.date : undefined
    return this.indices.get(date ?? '') ?? -1
  }
}
