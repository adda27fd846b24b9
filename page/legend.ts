import type { Overview } from '../lib/overview.ts'
import { showCount } from '../lib/units.ts'
import { byId, element } from './dom.ts'
import { LEGEND, LOOKS, type Shown, swatch } from './states.ts'

/** The legend of the states, with how many nights are in each; its buttons choose which of them are shown. */
export class Legend {
  readonly states = new Set<Shown>()

  /** @param changed is told the chosen states; none means all */
  constructor({ nights, gaps }: Overview, changed: (states: ReadonlySet<Shown>) => void) {
    const count = (state: Shown) =>
      state === 'gap' ? gaps.length : nights.filter(night => night.state === state).length
    for (const state of LEGEND) {
      const text = element('b', {}, showCount(count(state)))
      const button = element('button', { type: 'button', 'aria-pressed': 'false', 'data-state': state })
      button.append(swatch(state), LOOKS[state].label, text)
      button.addEventListener('click', () => {
        if (!this.states.delete(state)) this.states.add(state)
        button.setAttribute('aria-pressed', String(this.states.has(state)))
        changed(this.states)
      })
      byId('states').append(button)
    }
  }
}
