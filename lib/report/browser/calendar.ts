import type { NightDate } from './dates.ts'
import { followCell, hideDetails, showDetails } from './details.ts'
import { byId } from './dom.ts'
import type { DateState } from './states.ts'
import { drawYears } from './years.ts'

/** Days that each key moves the focus. */
const STEPS: Readonly<Record<string, number>> = {
  ...{ ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1 },
  ...{ PageUp: -364, PageDown: 364, Home: -Infinity, End: Infinity },
}

/** The calendar of all nights. One cell can have the focus, and keys move it. */
export class Calendar {
  private readonly root = byId('calendar')
  private readonly dates: readonly NightDate[]
  private readonly indices: ReadonlyMap<string, number>
  private readonly open: (date: string) => void
  private current: number

  /** @param open called with a date that the user selects */
  constructor(dates: readonly NightDate[], open: (date: string) => void) {
    this.dates = dates
    this.indices = new Map(dates.map(({ date }, i) => [date, i]))
    this.open = open
    this.current = dates.length - 1
    this.root.addEventListener('pointerover', ({ target }) => this.hover(target))
    this.root.addEventListener('pointerleave', hideDetails)
    this.root.addEventListener('focusin', ({ target }) => this.hover(target))
    this.root.addEventListener('focusout', hideDetails)
    this.root.addEventListener('keydown', event => this.handleKey(event))
    this.root.addEventListener('click', event => this.handleClick(event))
    addEventListener('scroll', followCell, { passive: true })
  }

  draw(width: number): void {
    this.root.replaceChildren(...drawYears(this.dates, width))
    for (const cell of this.root.querySelectorAll('[data-date]')) cell.setAttribute('tabindex', '-1')
    this.cellOf(this.current)?.setAttribute('tabindex', '0')
  }

  /** Dims dates in none of these states. An empty set shows all. */
  show(states: ReadonlySet<DateState>): void {
    for (const cell of this.root.querySelectorAll('[data-date]')) {
      const { nights } = this.dates[this.indexOf(cell)] as NightDate
      const own: DateState[] = nights.length > 0 ? nights.map(({ state }) => state) : ['gap']
      cell.classList.toggle('dimmed', states.size > 0 && !own.some(state => states.has(state)))
    }
  }

  private hover(target: EventTarget | null): void {
    const index = this.indexOf(target)
    if (index < 0) hideDetails()
    else showDetails(this.dates[index] as NightDate, target as Element)
  }

  private handleKey(event: KeyboardEvent): void {
    const step = STEPS[event.key]
    if (event.key === 'Escape') hideDetails()
    if (event.key === 'Enter' || event.key === ' ') this.open((this.dates[this.current] as NightDate).date)
    else if (step !== undefined) this.focus(this.toward(step))
    else return
    event.preventDefault()
  }

  private handleClick(event: MouseEvent): void {
    const index = this.indexOf(event.target)
    if (index < 0) return
    this.focus(index)
    // A tap only shows the details, since a touch screen has no hover.
    if ((event as PointerEvent).pointerType !== 'touch') this.open((this.dates[index] as NightDate).date)
  }

  /** Index of the date `step` days away, or of the next one in that direction. */
  private toward(step: number): number {
    const target = (this.dates[this.current] as NightDate).day + step
    const found =
      step > 0 ? this.dates.findIndex(({ day }) => day >= target) : this.dates.findLastIndex(({ day }) => day <= target)
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
