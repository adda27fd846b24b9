import { parseHTML } from 'linkedom'
import { isFainter } from '../curve/apparent.ts'
import { drawLegend, drawPanels } from './chart.ts'
import { FRAME } from './colors.ts'
import type { Point } from './points.ts'
import type { Stamp, StampImage } from './stamps.ts'
import { type Drawing, notes, stack, svgText, WIDTH } from './svg.ts'

/** Pixel scale of ZTF's camera. */
const PIXEL_ARCSEC = 1.01

/** Draws the light curve with its legend, for the PNG, and for the page until its script draws it. */
export function drawLightCurve(points: readonly Point[], width = WIDTH): Drawing {
  if (points.length === 0) return notes(['There are no points to draw.'])
  const { document } = parseHTML('<html></html>')
  const options = { document, width }
  const drawings = [drawLegend(points, options), ...drawPanels(points, options)]
  return stack(...drawings.map(({ svg, height }) => ({ markup: rounded(svg.outerHTML), height })))
}

/** Rounds the coordinates of markup, which have up to 17 digits, to hundredths of a pixel. */
function rounded(markup: string): string {
  return markup.replaceAll(/\d+\.\d{3,}/g, coordinate => String(Number(Number(coordinate).toFixed(2))))
}

/** Draws a stamp, `side` px wide and high, with a scale bar and the directions of north and east. */
export function drawStamp({ name, image }: Stamp, side: number): Drawing {
  const frame = `<rect width="${side}" height="${side}" fill="none" stroke="${FRAME.light}"/>`
  if (typeof image === 'string') return { markup: `${frame}${svgText(8, side / 2, image)}`, height: side }
  return { markup: drawImage(name, image, side) + frame, height: side }
}

/** What a stamp shows, with its size and range. */
export function describeStamp({ name, image }: Stamp, isdiffpos: unknown): string {
  if (typeof image === 'string') return `${name}: ${image}`
  const [low, high] = image.range.map(value => Number(value.toPrecision(3)))
  const blank = image.blankPixels > 0 ? `, ${image.blankPixels} px without a value (blue)` : ''
  return `${nameOf(name, isdiffpos)}, ${image.width} × ${image.height} px, ${low} to ${high} DN${blank}`
}

export const STAMP_NOTE =
  'North is up and east left, apart from a small rotation of the camera. ' +
  `A pixel is ${PIXEL_ARCSEC}″. Science and template: asinh stretch above the sky. Difference: linear, 0 is the middle grey.`

/** If the source is fainter than in the reference image, the alert contains the inverted difference image. */
function nameOf(name: Stamp['name'], isdiffpos: unknown): string {
  if (name !== 'Difference') return name
  return isFainter(isdiffpos) ? 'Difference (template minus science)' : 'Difference (science minus template)'
}

/** Centres the image and keeps its aspect ratio, because a stamp truncated at the detector's edge is not square. */
function drawImage(name: string, { width, height, png }: StampImage, side: number): string {
  const scale = side / Math.max(width, height)
  const [x, y] = [(side - width * scale) / 2, (side - height * scale) / 2]
  const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
  return `<image role="img" aria-label="${name} stamp" href="${href}" x="${x}" y="${y}"
  width="${width * scale}" height="${height * scale}" preserveAspectRatio="none" image-rendering="optimizeSpeed"/>
${drawScaleBar(8, side - 8, (10 / PIXEL_ARCSEC) * scale)}
${drawCompass(side - 12, side - 10)}`
}

/** White with a black outline is visible on any background. */
const OUTLINED = 'fill="#fff" stroke="#000" stroke-width="2" paint-order="stroke"'

function drawScaleBar(x: number, y: number, length: number): string {
  const label = svgText(x + length / 2, y - 5, '10″', 'text-anchor="middle"')
  return `<g ${OUTLINED}><rect x="${x}" y="${y - 2}" width="${length}" height="2"/>${label}</g>`
}

/** North and east, from their corner. */
function drawCompass(x: number, y: number): string {
  const line = `M${x} ${y - 20}V${y}H${x - 20}`
  return `<g ${OUTLINED} font-size="10"><path d="${line}" fill="none" stroke-width="3.5"/>
<path d="${line}" fill="none" stroke="#fff" stroke-width="1.5"/>
${svgText(x, y - 23, 'N', 'text-anchor="middle"')}${svgText(x - 27, y + 4, 'E', 'text-anchor="middle"')}</g>`
}
