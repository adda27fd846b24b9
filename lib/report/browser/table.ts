import { showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { COLUMNS, type Column, compare, type TableRow, textOf } from './columns.ts'
import { isoOf } from './dates.ts'
import { byId, element } from './dom.ts'
import { type DateState, swatch } from './states.ts'

const ROWS_PER_PAGE = 100

/** The paginated table of all nights. It can be sorted by column, and filtered by text and state. */
export class Table {
  private readonly rows: readonly TableRow[]
  private readonly search = byId('search') as HTMLInputElement
  private readonly body = element('tbody', {})
  private states: ReadonlySet<DateState> = new Set()
  private sortColumn: Column = COLUMNS[0] as Column
  private ascending = false
  private page = 0
  private readonly back = pagerButton('Back', () => this.showPage(this.page - 1))
  private readonly next = pagerButton('Next', () => this.showPage(this.page + 1))

  constructor({ nights, gaps }: Overview) {
    this.rows = [...nights, ...gaps.map(date => ({ date, stem: '', state: 'gap' as const, notes: [] }))]
    byId('table').append(
      element('thead', {}, element('tr', {}, ...COLUMNS.map(column => this.heading(column)))),
      this.body,
    )
    byId('pager').append(this.back, this.next)
    this.search.addEventListener('input', () => this.showPage(0))
    this.showPage(0)
  }

  /** Shows only the rows in these states, or all rows if the set is empty. */
  show(states: ReadonlySet<DateState>): void {
    this.states = states
    this.showPage(0)
  }

  /** Searches for a date and scrolls to the table. */
  find(date: string): void {
    this.search.value = isoOf(date)
    this.showPage(0)
    this.search.focus({ preventScroll: true })
    byId('nights').scrollIntoView()
  }

  private heading(column: Column): HTMLElement {
    const button = element('button', { type: 'button' }, column.label)
    const heading = element('th', { scope: 'col', class: column.show ? 'number' : '' }, button)
    button.addEventListener('click', () => this.sort(column))
    return heading
  }

  /** Sorts by a column, with numbers descending and text ascending. A repeated call reverses the order. */
  private sort(column: Column): void {
    this.ascending = column === this.sortColumn ? !this.ascending : !column.show
    this.sortColumn = column
    this.showPage(0)
  }

  private showPage(page: number): void {
    this.page = page
    const matches = this.matches()
    this.body.replaceChildren(...matches.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map(rowElement))
    this.updatePager(matches.length)
    this.updateHeadings()
  }

  private updateHeadings(): void {
    for (const [i, heading] of [...byId('table').querySelectorAll('thead th')].entries()) {
      if (COLUMNS[i] === this.sortColumn) heading.setAttribute('aria-sort', this.ascending ? 'ascending' : 'descending')
      else heading.removeAttribute('aria-sort')
    }
  }

  private matches(): TableRow[] {
    const text = this.search.value.trim().toLowerCase()
    const { value } = this.sortColumn
    return this.rows
      .filter(({ state }) => this.states.size === 0 || this.states.has(state))
      .filter(row => COLUMNS.some(column => textOf(column, row).toLowerCase().includes(text)))
      .sort((a, b) => compare(value(a), value(b), this.ascending) || (a.date < b.date ? -1 : 1))
  }

  private updatePager(count: number): void {
    const [first, last] = [this.page * ROWS_PER_PAGE + 1, Math.min((this.page + 1) * ROWS_PER_PAGE, count)]
    const range = count === 0 ? 'none' : `${showCount(first)} to ${showCount(last)} of ${showCount(count)}`
    byId('found').textContent = range + (count < this.rows.length ? ` found among ${showCount(this.rows.length)}` : '')
    byId('pager').hidden = count <= ROWS_PER_PAGE
    this.back.disabled = this.page === 0
    this.next.disabled = last >= count
  }
}

function pagerButton(label: string, onClick: () => void): HTMLButtonElement {
  const button = element('button', { type: 'button' }, label)
  button.addEventListener('click', onClick)
  return button
}

function rowElement(row: TableRow): HTMLElement {
  const cells = COLUMNS.map(column => {
    const text = textOf(column, row)
    if (column.label === 'Night') return element('th', { scope: 'row' }, text)
    if (column.label === 'State') return element('td', {}, swatch(row.state), ` ${text}`)
    return element('td', { class: column.kind ?? (column.show ? 'number' : '') }, text)
  })
  return element('tr', {}, ...cells)
}
