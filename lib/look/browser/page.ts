// Entry point of the page's script, which draws the light curve at the width of the window and makes it interactive.
import { byId } from '../../browser/dom.ts'
import type { Point } from '../points.ts'
import { addControls } from './controls.ts'
import { CurveView } from './curve-view.ts'
import { listenTo } from './gestures.ts'

const points: Point[] = JSON.parse(byId('points').textContent ?? '')
if (points.length > 0) {
  const view = new CurveView(points, byId('curve'), byId('point'))
  addControls(byId('controls'), points, view)
  listenTo(byId('curve'), view)
}
