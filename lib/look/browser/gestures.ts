import type { CurveView } from './curve-view.ts'

/** Distance within which the mouse or a finger chooses a point, in px. */
const [MOUSE_REACH, TOUCH_REACH] = [30, 60]
/** Movement that makes a press a drag, in px. */
const DRAG_START = 6

const KEYS: Readonly<Record<string, (view: CurveView) => void>> = {
  ArrowLeft: view => view.step(-1),
  ArrowRight: view => view.step(1),
  Home: view => view.step(Number.NEGATIVE_INFINITY),
  End: view => view.step(Number.POSITIVE_INFINITY),
  PageUp: view => view.move(-0.5),
  PageDown: view => view.move(0.5),
  '+': view => view.zoom(0.5),
  '=': view => view.zoom(0.5),
  '-': view => view.zoom(2),
  '0': view => view.reset(),
  Escape: view => view.reset(),
}

/** Lets mouse, touch and keyboard choose points, zoom and move. */
export function listenTo(figure: HTMLElement, view: CurveView): void {
  figure.addEventListener('keydown', event => {
    const act = KEYS[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act(view)
  })
  // Without Ctrl, which browsers also report for a pinch on a touchpad, the wheel scrolls the page.
  figure.addEventListener(
    'wheel',
    event => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      view.zoom(2 ** (event.deltaY / 200), event.clientX)
    },
    { passive: false },
  )
  listenToPointers(figure, view)
}

interface Place {
  readonly x: number
  readonly y: number
}

function listenToPointers(figure: HTMLElement, view: CurveView): void {
  const pressed = new Map<number, Place>()
  let start: Place | undefined
  let isDragging = false
  figure.addEventListener('pointerdown', event => {
    pressed.set(event.pointerId, placeOf(event))
    start = pressed.size === 1 ? placeOf(event) : undefined
    isDragging = pressed.size > 1
    figure.setPointerCapture(event.pointerId)
  })
  figure.addEventListener('pointermove', event => {
    const before = pressed.get(event.pointerId)
    if (!before) return view.chooseNear(event.clientX, event.clientY, MOUSE_REACH)
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1]
    if (other) view.zoom(spread(before, other) / spread(placeOf(event), other), (event.clientX + other.x) / 2)
    else if (isDragging) view.drag(event.clientX - before.x)
    else if (start && Math.abs(event.clientX - start.x) > DRAG_START) isDragging = true
    pressed.set(event.pointerId, placeOf(event))
  })
  const release = (event: PointerEvent) => {
    pressed.delete(event.pointerId)
    if (event.type === 'pointerup' && !isDragging)
      view.chooseNear(event.clientX, event.clientY, event.pointerType === 'touch' ? TOUCH_REACH : MOUSE_REACH)
    if (pressed.size === 0) isDragging = false
  }
  figure.addEventListener('pointerup', release)
  figure.addEventListener('pointercancel', release)
}

function placeOf({ clientX, clientY }: PointerEvent): Place {
  return { x: clientX, y: clientY }
}

/** Horizontal distance of two fingers, in px. */
function spread(a: Place, b: Place): number {
  return Math.max(20, Math.abs(a.x - b.x))
}
