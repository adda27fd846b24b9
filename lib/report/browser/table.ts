import { showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { COLUMNS, type Column, compare, type Line, textOf } from './columns.ts'
import { isoOf } from './dates.ts'
import { byId, element } from './dom.ts'
import { type Shown, swatch } from './states.ts'

const PAGE = 100

/** The table of all nights: sorted by its headings, filtered by text and by state, a hundred lines at a time. */
export class Table {
  private readonly lines: readonly Line[]
  private readonly search = byId('search') as HTMLInputElement
  private readonly body = element('tbody', {})
  private states: ReadonlySet<Shown> = new Set()
  private sorted: Column = COLUMNS[0] as Column
  private rising = false
  private page = 0
  private readonly back = turner('Back', () => this.turn(this.page - 1))
  private readonly next = turner('Next', () => this.turn(this.page + 1))

  constructor({ nights, gaps }: Overview) {
    this.lines = [...nights, ...gaps.map(date => ({ date, stem: '', state: 'gap' as const, notes: [] }))]
    byId('table').append(
      element('thead', {}, element('tr', {}, ...COLUMNS.map(column => this.heading(column)))),
      this.body,
    )
    byId('pager').append(this.back, this.next)
    this.search.addEventListener('input', () => this.turn(0))
    this.turn(0)
  }

  /** Shows only lines of these states; of none given, all. */
  show(states: ReadonlySet<Shown>): void {
    this.states = states
    this.turn(0)
  }

  /** Finds a date, and brings the table before the reader. */
  find(date: string): void {
    this.search.value = isoOf(date)
    this.turn(0)
    this.search.focus({ preventScroll: true })
    byId('nights').scrollIntoView()
  }

  private heading(column: Column): HTMLElement {
    const button = element('button', { type: 'button' }, column.label)
    const heading = element('th', { scope: 'col', class: column.show ? 'number' : '' }, button)
    button.addEventListener('click', () => this.sort(column))
    return heading
  }

  /** Sorts by a column: numbers and dates fall at first, texts rise; a second time, the other way. */
  private sort(column: Column): void {
    this.rising = column === this.sorted ? !this.rising : !column.show
    this.sorted = column
    this.turn(0)
  }

  /** Writes the table anew, at a page. */
  private turn(page: number): void {
    this.page = page
    const found = this.found()
    this.body.replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map(row))
    this.tell(found.length)
    for (const [i, heading] of [...byId('table').querySelectorAll('thead th')].entries()) {
      if (COLUMNS[i] === this.sorted) heading.setAttribute('aria-sort', this.rising ? 'ascending' : 'descending')
      else heading.removeAttribute('aria-sort')
    }
  }

  private found(): Line[] {
    const wanted = this.search.value.trim().toLowerCase()
    const { value } = this.sorted
    return this.lines
      .filter(({ state }) => this.states.size === 0 || this.states.has(state))
      .filter(line => COLUMNS.some(column => textOf(column, line).toLowerCase().includes(wanted)))
      .sort((a, b) => compare(value(a), value(b), this.rising) || (a.date < b.date ? -1 : 1))
  }

  private tell(count: number): void {
    const [first, last] = [this.page * PAGE + 1, Math.min((this.page + 1) * PAGE, count)]
    const range = count === 0 ? 'none' : `${showCount(first)} to ${showCount(last)} of ${showCount(count)}`
    byId('found').textContent =
      range + (count < this.lines.length ? ` found among ${showCount(this.lines.length)}` : '')
    byId('pager').hidden = count <= PAGE
    this.back.disabled = this.page === 0
    this.next.disabled = last >= count
  }
}

function turner(label: string, turn: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button' }, label)
  button.addEventListener('click', turn)
  return button
}

function row(line: Line): HTMLElement {
  const cells = COLUMNS.map((column, i) => {
    const picture = column.label === 'State' && swatch(line.state)
    const attributes = { class: column.kind ?? (column.show ? 'number' : '') }
    if (i === 0) return element('th', { scope: 'row' }, textOf(column, line))
    return element('td', attributes, picture, picture && ' ', textOf(column, line))
  })
  return element('tr', {}, ...cells)
}
