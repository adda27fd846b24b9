import { byId, element } from '../../browser/dom.ts'
import { showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { type DateState, LEGEND_ORDER, STATE_STYLES, swatch } from './states.ts'

const HINT = 'Choose states to see only their nights, and what the states mean.'

/** Legend with one button per state. Each button shows the number of nights, and filters the calendar and the table. */
export class Legend {
  states: ReadonlySet<DateState> = new Set()
  private readonly changed: (states: ReadonlySet<DateState>) => void

  /** @param changed called with the selected states; an empty set means all */
  constructor({ nights, gaps }: Overview, changed: (states: ReadonlySet<DateState>) => void) {
    this.changed = changed
    const count = (state: DateState) =>
      state === 'gap' ? gaps.length : nights.filter(night => night.state === state).length
    for (const state of LEGEND_ORDER) {
      const text = element('b', {}, showCount(count(state)))
      const { label, meaning } = STATE_STYLES[state]
      const button = element('button', { type: 'button', 'aria-pressed': 'false', 'data-state': state, title: meaning })
      button.append(swatch(state), label, text)
      button.addEventListener('click', () => this.choose(this.states.symmetricDifference(new Set([state]))))
      byId('states').append(button)
    }
    byId('meaning').textContent = HINT
  }

  choose(states: ReadonlySet<DateState>): void {
    this.states = states
    for (const button of byId('states').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(states.has(button.dataset.state as DateState)))
    const chosen = LEGEND_ORDER.filter(state => states.has(state)).map(state => STATE_STYLES[state])
    byId('meaning').textContent = chosen.map(({ label, meaning }) => `${label}: ${meaning}`).join('. ') || HINT
    this.changed(states)
  }
}
