import { element } from '../../browser/dom.ts'
import { plural } from '../../core/units.ts'
import type { Point } from '../points.ts'
import type { CurveView } from './curve-view.ts'

/** Choices of the lowest `drb`. */
const SCORES = [0, 0.5, 0.9] as const

/** Adds buttons that zoom and move, and a choice of the classifier score if the points have one. */
export function addControls(parent: HTMLElement, points: readonly Point[], view: CurveView): void {
  const actions: [label: string, name: string, act: () => void][] = [
    ['+', 'Zoom in', () => view.zoom(0.5)],
    ['−', 'Zoom out', () => view.zoom(2)],
    ['←', 'Earlier', () => view.move(-0.5)],
    ['→', 'Later', () => view.move(0.5)],
    ['All', 'Show all times', () => view.reset()],
  ]
  parent.append(...actions.map(([label, name, act]) => button(label, name, act)))
  if (points.some(({ drb }) => drb !== undefined)) parent.append(...scoreChoice(view))
}

function button(label: string, name: string, act: () => void): HTMLElement {
  const created = element('button', { type: 'button', 'aria-label': name, title: name }, label)
  created.addEventListener('click', act)
  return created
}

/** A menu, and a text with the number of detections that it hides. */
function scoreChoice(view: CurveView): HTMLElement[] {
  const options = SCORES.map(score =>
    element('option', { value: String(score) }, score === 0 ? 'all detections' : `at least ${score}, or without`),
  )
  const select = element('select', {}, ...options)
  const hidden = element('span', { role: 'status', class: 'muted' })
  select.addEventListener('change', () => {
    const count = view.filter(Number(select.value))
    const text = `${plural(count, 'detection')} hidden; the legend, facts, table and CSV have all.`
    hidden.textContent = count > 0 ? text : ''
  })
  return [element('label', {}, 'drb ', select), hidden]
}
