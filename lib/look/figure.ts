import { plural } from '../core/units.ts'
import { isFainter } from '../curve/bands.ts'
import { drawLegend, drawLightCurve } from './chart.ts'
import type { ObjectData } from './find.ts'
import type { Stamp, StampImage, StampName } from './stamps.ts'
import { type Drawing, FRAME, notes, space, stack, svgText, WIDTH } from './svg.ts'

/** Pixel scale of ZTF's camera. */
const PIXEL_ARCSEC = 1.01
const GAP = 18
const SIDE = (WIDTH - 2 * GAP) / 3

/** Draws the light curve and the captioned stamps, for both the page and the PNG of `make look`. */
export function drawFigure(data: ObjectData): Drawing {
  const { points, channels, stamps } = data
  const lightCurve =
    points.length > 0 ? [drawLegend(points), drawLightCurve(points)] : [notes(['There are no points to draw.'])]
  return stack(
    ...lightCurve,
    space(12),
    notes(channels > 1 ? channelsNote(channels) : []),
    space(12),
    drawStamps(stamps),
    notes(stampNotes(data)),
  )
}

function channelsNote(channels: number): string[] {
  return [
    `The detections are from ${channels} readout channels (field, rcid), each with its own reference image:`,
    'their difference magnitudes may form separate tracks.',
  ]
}

function drawStamps(stamps: readonly Stamp[]): Drawing {
  const columns = stamps.map((stamp, i) => `<g transform="translate(${i * (SIDE + GAP)} 0)">${drawStamp(stamp)}</g>`)
  return { markup: columns.join('\n'), height: SIDE + 34 }
}

function drawStamp({ name, image }: Stamp): string {
  const frame = `<rect width="${SIDE}" height="${SIDE}" fill="none" stroke="${FRAME.light}"/>`
  const caption = (text: string) => svgText(0, SIDE + 18, text)
  if (typeof image === 'string') return `${frame}${caption(`${name}: ${image}`)}`
  const [low, high] = image.range.map(value => Number(value.toPrecision(3)))
  return drawImage(name, image) + frame + caption(`${name}, ${image.width} × ${image.height} px, ${low} to ${high} DN`)
}

/** Centres the image and keeps its aspect ratio, because a stamp truncated at the detector's edge is not square. */
function drawImage(name: StampName, { width, height, png }: StampImage): string {
  const scale = SIDE / Math.max(width, height)
  const [x, y] = [(SIDE - width * scale) / 2, (SIDE - height * scale) / 2]
  const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`
  return `<image role="img" aria-label="${name} stamp" href="${href}" x="${x}" y="${y}"
  width="${width * scale}" height="${height * scale}" preserveAspectRatio="none" image-rendering="optimizeSpeed"/>
${drawScaleBar(x + 8, y + height * scale - 8, (10 / PIXEL_ARCSEC) * scale)}`
}

/** Draws the bar in white with a black outline, so that it is visible on any background. */
function drawScaleBar(x: number, y: number, length: number): string {
  const label = svgText(x + length / 2, y - 5, '10″', 'text-anchor="middle"')
  return `<g fill="#fff" stroke="#000" stroke-width="2" paint-order="stroke">
<rect x="${x}" y="${y - 2}" width="${length}" height="2"/>${label}</g>`
}

function stampNotes({ candidate: { isdiffpos }, stamps }: ObjectData): string[] {
  // If the source is fainter than in the reference image, the alert contains the inverted difference image.
  const difference = isFainter(isdiffpos) ? 'template minus science' : 'science minus template'
  const blankPixels = stamps.reduce((sum, { image }) => sum + (typeof image === 'string' ? 0 : image.blankPixels), 0)
  return [
    `North is up and east left, apart from a small rotation of the camera; ${PIXEL_ARCSEC}″ per pixel.`,
    `Science and template: asinh stretch above the sky. Difference: ${difference}, linear, 0 is the middle grey.`,
    ...(blankPixels > 0 ? [`Blue: ${plural(blankPixels, 'pixel')} without a value.`] : []),
  ]
}
