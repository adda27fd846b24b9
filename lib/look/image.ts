import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { formatPosition, mainFields, summary } from './fields.ts'
import { drawFigure } from './figure.ts'
import type { ObjectData } from './find.ts'
import { type Drawing, MUTED, notes, space, stack, svgImage, svgText, WIDTH } from './svg.ts'

const MARGIN = 24
const FIELDS_PER_COLUMN = 7
const LINE_HEIGHT = 16
/** Fields left out of the list, because they are already in the heading. The one without a name continues `ra, dec`. */
const IN_HEADING = ['objectId', 'ra, dec', '']
/** Fields whose descriptions are shown too, because they contain data such as the UTC date. */
const DESCRIBED = ['jd', 'magpsf']

/** The image of `make look` as SVG, with heading, figure and main fields. */
export function imageSheet(data: ObjectData): string {
  return svgImage(
    stack(heading(data), notes([summary(data)]), space(12), drawFigure(data), space(16), fields(data)),
    MARGIN,
  )
}

function heading(data: ObjectData): Drawing {
  const objectId = svgText(0, 18, data.objectId, 'font-size="22" font-weight="bold"')
  return { markup: objectId + svgText(200, 17, formatPosition(data).join('\u2003'), 'font-size="13"'), height: 28 }
}

function fields(data: ObjectData): Drawing {
  const lines = mainFields(data)
    .filter(({ name }) => !IN_HEADING.includes(name))
    .flatMap(({ name, value, description }) => [
      svgText(0, 0, name) + svgText(160, 0, value),
      ...(DESCRIBED.includes(name) ? [svgText(0, 0, description, `fill="${MUTED.light}"`)] : []),
    ])
  const placed = lines.map((line, i) => {
    const [column, row] = [Math.floor(i / FIELDS_PER_COLUMN), i % FIELDS_PER_COLUMN]
    return `<g transform="translate(${(column * WIDTH) / 3} ${12 + row * LINE_HEIGHT})">${line}</g>`
  })
  return { markup: placed.join('\n'), height: FIELDS_PER_COLUMN * LINE_HEIGHT }
}

/** Folder of the bundled fonts, which make the PNG identical on every machine. */
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')

/** Renders an SVG image as a PNG with a white background. */
export function renderPng(svg: string, scale = 2): Uint8Array {
  const font = {
    loadSystemFonts: false,
    fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map(name => join(FONTS, name)),
    defaultFontFamily: 'DejaVu Sans',
  }
  return new Resvg(svg, { font, background: 'white', fitTo: { mode: 'zoom', value: scale } }).render().asPng()
}
