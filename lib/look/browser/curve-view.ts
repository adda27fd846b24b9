import { element } from '../../browser/dom.ts'
import { drawLegend, drawPanels, MARGIN, type Panel } from '../chart.ts'
import { describePoint } from '../describe.ts'
import { panelsOf } from '../panels.ts'
import type { Point } from '../points.ts'
import { jdRange, pointsIn, type Range } from '../time-axis.ts'
import { moved, zoomed } from './range.ts'

/** Smallest width of the drawing, in px. */
const MIN_WIDTH = 260
/** Radius of the ring around the chosen point, in px. */
const RING = 8
const SVG = 'http://www.w3.org/2000/svg'
const HINT =
  'Point at a measurement, touch it, or use the left and right arrow keys to see its values. + and − zoom, 0 shows all.'

/** The interactive light curve: its time axis, the points that are shown, and the chosen one. */
export class CurveView {
  private readonly all: readonly Point[]
  private readonly fullRange: Range
  private readonly figure: HTMLElement
  private readonly card: HTMLElement
  private range: Range
  private points: readonly Point[]
  private panels: readonly Panel[] = []
  private chosen: Point | undefined
  private width = 0
  private isScheduled = false

  constructor(points: readonly Point[], figure: HTMLElement, card: HTMLElement) {
    this.all = points
    this.points = points
    this.fullRange = jdRange(points)
    this.range = this.fullRange
    this.figure = figure
    this.card = card
    this.describe()
    new ResizeObserver(() => {
      const width = Math.max(MIN_WIDTH, figure.clientWidth)
      if (width === this.width) return
      this.width = width
      this.draw()
    }).observe(figure)
  }

  /** Hides detections with a lower classifier score and returns their number. Those without a score stay. */
  filter(minDrb: number): number {
    this.points = this.all.filter(({ drb }) => (drb ?? 1) >= minDrb)
    if (this.chosen && !this.points.includes(this.chosen)) this.choose(undefined)
    this.schedule()
    return this.all.length - this.points.length
  }

  /** Zooms by a factor, below 1 to see less, around a position in the window in px, or else the chosen point or the middle. */
  zoom(factor: number, clientX?: number): void {
    const [chosen] = pointsIn(this.range, this.chosen ? [this.chosen] : [])
    const middle = chosen?.jd ?? (this.range[0] + this.range[1]) / 2
    const at = clientX === undefined ? middle : this.jdAt(clientX)
    this.show(zoomed(this.range, factor, at, this.fullRange))
  }

  /** Moves by a fraction of the time axis, positive to later dates. */
  move(fraction: number): void {
    this.show(moved(this.range, fraction * (this.range[1] - this.range[0]), this.fullRange))
  }

  /** Moves the light curve with a pointer by px. */
  drag(px: number): void {
    this.move(-px / (this.width - MARGIN.left - MARGIN.right))
  }

  reset(): void {
    this.show(this.fullRange)
  }

  /** Chooses the point that is nearest to a position in the window, if it is within `reach` px. */
  chooseNear(clientX: number, clientY: number, reach: number): void {
    let [nearest, shortest]: [Point | undefined, number] = [undefined, reach]
    for (const { svg, positions } of this.panels) {
      const { left, top } = svg.getBoundingClientRect()
      for (const { point, x, y } of positions) {
        const distance = Math.hypot(left + x - clientX, top + y - clientY)
        if (distance < shortest) [nearest, shortest] = [point, distance]
      }
    }
    if (nearest) this.choose(nearest)
  }

  /** Chooses the point that is `step` points later than the chosen one, or the first or last one shown. */
  step(step: number): void {
    const visible = pointsIn(this.range, this.points)
    const current = this.chosen ? visible.indexOf(this.chosen) : -1
    const start = step > 0 ? -1 : visible.length
    const next = (current < 0 ? start : current) + step
    this.choose(visible[Math.min(Math.max(next, 0), visible.length - 1)])
  }

  private choose(point: Point | undefined): void {
    if (point === this.chosen) return
    this.chosen = point
    this.describe()
    this.drawRings()
  }

  private show(range: Range): void {
    this.range = range
    this.schedule()
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    requestAnimationFrame(() => {
      this.isScheduled = false
      this.draw()
    })
  }

  private draw(): void {
    const options = { document, width: this.width, range: this.range, measures: panelsOf(this.all) }
    this.panels = drawPanels(this.points, options)
    this.figure.replaceChildren(drawLegend(this.all, options).svg, ...this.panels.map(({ svg }) => svg))
    this.drawRings()
  }

  private drawRings(): void {
    for (const { svg, positions } of this.panels) {
      svg.querySelector('.ring')?.remove()
      const position = positions.find(({ point }) => point === this.chosen)
      if (!position) continue
      const ring = document.createElementNS(SVG, 'circle')
      for (const [name, value] of Object.entries({ class: 'ring', cx: position.x, cy: position.y, r: RING }))
        ring.setAttribute(name, String(value))
      svg.append(ring)
    }
  }

  private describe(): void {
    const values = this.chosen ? describePoint(this.chosen) : []
    const items = values.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)))
    this.card.replaceChildren(items.length > 0 ? element('dl', {}, ...items) : element('p', {}, HINT))
  }

  private jdAt(clientX: number): number {
    const left = this.figure.getBoundingClientRect().left + MARGIN.left
    const fraction = (clientX - left) / (this.width - MARGIN.left - MARGIN.right)
    return this.range[0] + Math.min(Math.max(fraction, 0), 1) * (this.range[1] - this.range[0])
  }
}
