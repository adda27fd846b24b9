import { showCount } from '../../core/units.ts'
import type { Overview } from '../overview.ts'
import { byId, element } from './dom.ts'
import { LEGEND, LOOKS, type Shown, swatch } from './states.ts'

/** The legend of the states, with how many nights are in each; its buttons choose which of them are shown. */
export class Legend {
  states: ReadonlySet<Shown> = new Set()
  private readonly changed: (states: ReadonlySet<Shown>) => void

  /** @param changed is told the chosen states; none means all */
  constructor({ nights, gaps }: Overview, changed: (states: ReadonlySet<Shown>) => void) {
    this.changed = changed
    const count = (state: Shown) =>
      state === 'gap' ? gaps.length : nights.filter(night => night.state === state).length
    for (const state of LEGEND) {
      const text = element('b', {}, showCount(count(state)))
      const button = element('button', { type: 'button', 'aria-pressed': 'false', 'data-state': state })
      button.append(swatch(state), LOOKS[state].label, text)
      button.addEventListener('click', () => this.choose(this.states.symmetricDifference(new Set([state]))))
      byId('states').append(button)
    }
  }

  /** Shows these states only; of none given, all. */
  choose(states: ReadonlySet<Shown>): void {
    this.states = states
    for (const button of byId('states').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(states.has(button.dataset.state as Shown)))
    this.changed(states)
  }
}
