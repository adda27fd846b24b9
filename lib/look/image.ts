import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { printable } from '../core/console.ts'
import { drawLegend, drawLightCurve, WIDTH } from './chart.ts'
import { channelsNote, dataUri, factsOf, NO_POINT, positionOf, rangeOf, summary } from './fields.ts'
import type { ObjectData } from './find.ts'
import type { Stamp } from './stamps.ts'

const PALETTE = { g: '#16803c', r: '#c81e1e', i: '#a15c07' }
const [MARGIN, CURVE, STAMPS, SIDE, GAP] = [24, 100, 560, 190, 16]
const SOFT = 'fill="#5b6470"'
const [LINE, LINES] = [15, 15]
/** Fields whose value alone does not tell when it was, or in which direction. */
const EXPLAINED = ['jd', 'magpsf']
const HEIGHT = STAMPS + SIDE + 44

/** What was found, as one SVG image for a picture: the light curve, below it the stamps and the main fields. */
export function imageSheet(found: ObjectData): string {
  const { objectId, points, stamps } = found
  const curve = points.length > 0 ? drawLightCurve(points, PALETTE) : text(0, 20, NO_POINT)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH + 2 * MARGIN}" height="${HEIGHT}" color="#16191d"
  fill="#16191d" font-family="DejaVu Sans" font-size="12">
${text(MARGIN, 34, objectId, 'font-size="22" font-weight="bold"')}
${text(MARGIN + 200, 33, positionOf(found).join('\u2003'), 'font-size="13"')}
${text(MARGIN, 58, summary(found), SOFT)}
<g transform="translate(${MARGIN} 70)">${points.length > 0 ? drawLegend(points, PALETTE) : ''}</g>
<g transform="translate(${MARGIN} ${CURVE})">${curve}</g>
${text(MARGIN, STAMPS - 18, channelsNote(found), SOFT)}
${stamps.map(stamp).join('\n')}
${facts(found)}
</svg>`
}

function stamp({ name, shown }: Stamp, index: number): string {
  const left = MARGIN + index * (SIDE + GAP)
  const frame = `<rect x="${left}" y="${STAMPS}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#ddd"/>`
  if (typeof shown === 'string') return frame + text(left, STAMPS + SIDE + 18, `${name}: ${shown}`)
  const scale = SIDE / Math.max(shown.width, shown.height)
  const [width, height] = [shown.width * scale, shown.height * scale]
  return `${frame}<image href="${dataUri(shown)}" x="${left + (SIDE - width) / 2}" y="${STAMPS + (SIDE - height) / 2}"
  width="${width}" height="${height}" preserveAspectRatio="none" image-rendering="optimizeSpeed"/>
${text(left, STAMPS + SIDE + 18, name)}
${text(left, STAMPS + SIDE + 34, rangeOf(shown), 'fill="#5b6470" font-size="11"')}`
}

function facts(found: ObjectData): string {
  const lines = factsOf(found).filter(([field]) => !['objectId', 'ra, dec', ''].includes(field))
  const left = MARGIN + 3 * (SIDE + GAP) + GAP
  return lines
    .flatMap(([field, value, about]) => [[field, value], ...(EXPLAINED.includes(field) ? [['', '', about]] : [])])
    .slice(0, LINES)
    .map(([field = '', value = '', about = ''], i) => {
      const y = STAMPS + 12 + i * LINE
      return text(left, y, field) + text(left + 170, y, value) + text(left, y, about, SOFT)
    })
    .join('\n')
}

/** XML has no way to write most controls, which an archive's text may hold. */
function text(x: number, y: number, words: string, style = ''): string {
  const safe = printable(words).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" ${style}>${safe}</text>`
}

// Fonts of its own: a picture is the same on every machine, and has letters on one without fonts.
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')

/** An SVG image as PNG, on white, `scale` times as large. */
export function renderPng(svg: string, scale = 2): Uint8Array {
  const font = {
    loadSystemFonts: false,
    fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map(name => join(FONTS, name)),
    defaultFontFamily: 'DejaVu Sans',
  }
  return new Resvg(svg, { font, background: 'white', fitTo: { mode: 'zoom', value: scale } }).render().asPng()
}
