import { byId, element } from '../../browser/dom.ts'
import { shellWord } from '../../core/shell-word.ts'
import { showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { COLUMNS, type Column, compare, type TableRow, textOf } from './columns.ts'
import { isoOf } from './dates.ts'
import { type DateState, swatch } from './states.ts'

const ROWS_PER_PAGE = 100

/** The paginated table of all nights. It can be sorted by column, and filtered by text and state. */
export class Table {
  private readonly rows: readonly TableRow[]
  private readonly data: string
  private readonly search = byId('search') as HTMLInputElement
  private readonly body = element('tbody', {})
  private states: ReadonlySet<DateState> = new Set()
  private sortColumn = COLUMNS.find(({ order }) => order) as Column
  private ascending = true
  private page = 0
  private readonly back = pagerButton('Back', () => this.showPage(this.page - 1))
  private readonly next = pagerButton('Next', () => this.showPage(this.page + 1))

  constructor({ nights, gaps, data }: Overview) {
    this.data = data
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
    this.updateCommand(matches)
  }

  /** Shows how to list the objects of the first night in the table that has alerts. */
  private updateCommand(matches: readonly TableRow[]): void {
    const night = matches.find(({ lake }) => lake?.alerts)
    byId('command').hidden = !night
    if (!night) return
    const data = this.data === 'data' ? '' : ` DATA=${shellWord(this.data)}`
    const command = `make sql${data} NIGHTS=${night.date} Q="from objects order by alerts desc"`
    byId('command').replaceChildren(`Objects of ${isoOf(night.date)}: `, element('code', {}, command))
  }

  private updateHeadings(): void {
    for (const [i, heading] of [...byId('table').querySelectorAll('thead th')].entries()) {
      if (COLUMNS[i] === this.sortColumn) heading.setAttribute('aria-sort', this.ascending ? 'ascending' : 'descending')
      else heading.removeAttribute('aria-sort')
    }
  }

  /** Rows that match the chosen states and the search. Dates without a file are not nights, and need one of the two. */
  private matches(): TableRow[] {
    const text = this.search.value.trim().toLowerCase()
    const { states } = this
    const value = this.sortColumn.order ?? this.sortColumn.value
    return this.rows
      .filter(({ state }) => (states.size > 0 ? states.has(state) : state !== 'gap' || text !== ''))
      .filter(row => COLUMNS.some(column => textOf(column, row).toLowerCase().includes(text)))
      .sort((a, b) => compare(value(a), value(b), this.ascending) || compareNights(a, b))
  }

  private updatePager(count: number): void {
    const [first, last] = [this.page * ROWS_PER_PAGE + 1, Math.min((this.page + 1) * ROWS_PER_PAGE, count)]
    const range = `${showCount(first)} to ${showCount(last)} of ${showCount(count)}`
    byId('found').textContent = count === 0 ? 'none found' : range
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

/** Newest first. */
function compareNights(a: TableRow, b: TableRow): number {
  return a.date === b.date ? compare(a.stem, b.stem, true) : compare(a.date, b.date, false)
}

function rowElement(row: TableRow): HTMLElement {
  const cells = COLUMNS.map(column => {
    const text = textOf(column, row)
    if (column.label === 'Night') return element('th', { scope: 'row' }, text)
    if (column.label === 'State') return element('td', {}, swatch(row.state), ` ${text}`)
    return element('td', { class: column.kind ?? (column.show ? 'number' : ''), 'data-label': column.label }, text)
  })
  return element('tr', {}, ...cells)
}
