import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { MUTED } from './colors.ts'
import { curveNotes } from './curve-notes.ts'
import { describeStamp, drawLightCurve, drawStamp, STAMP_NOTE } from './drawings.ts'
import { facts } from './facts.ts'
import { alertsNotes, describeAlert, formatPosition, mainFields, type ShownField, summary } from './fields.ts'
import type { ObjectData } from './find.ts'
import type { ShownAlert } from './shown-alerts.ts'
import { type Drawing, notes, shifted, space, stack, svgImage, svgText, WIDTH } from './svg.ts'

const MARGIN = 24
const LINE_HEIGHT = 16
/** Width and height of a stamp, and the gap to the right of it, in px. */
const [SIDE, GAP] = [190, 12]
const STAMPS_WIDTH = 3 * (SIDE + GAP)
/** Fields left out of the list, because they are already in the heading. The one without a name continues `ra, dec`. */
const IN_HEADING = ['objectId', 'ra, dec', '']
/** Fields whose descriptions are shown too, because they contain data such as the UTC date. */
const DESCRIBED = ['jd', 'magpsf']

/** The picture of `make look` as SVG, with heading, light curve, stamps and main fields. */
export function imageSheet(data: ObjectData): string {
  const sheet = stack(
    ...[heading(data), notes([summary(data)]), space(12), drawLightCurve(data.points), space(8)],
    ...[notes(curveNotes(data)), space(12), list(facts(data)), space(12)],
    ...alertsNotes(data).flatMap(text => [notes([text]), space(8)]),
    ...data.shown.flatMap(alert => [alertRow(alert), space(16)]),
    ...[notes([STAMP_NOTE]), space(16), columns(fieldsOf(data))],
  )
  return svgImage(sheet, `Light curve and stamps of ${data.objectId}`, MARGIN)
}

function heading(data: ObjectData): Drawing {
  const objectId = svgText(0, 18, data.objectId, 'font-size="22" font-weight="bold"')
  return { markup: objectId + svgText(200, 17, formatPosition(data).join('\u2003'), 'font-size="13"'), height: 28 }
}

/** The stamps of an alert, with their captions to the right. */
function alertRow(alert: ShownAlert): Drawing {
  const { title, stamps, candidate } = alert
  const images = stamps.map((stamp, i) => shifted(drawStamp(stamp, SIDE).markup, i * (SIDE + GAP), 0))
  const captions = [describeAlert(alert), ...stamps.map(stamp => describeStamp(stamp, candidate.isdiffpos))]
  const text = stack(
    { markup: svgText(0, 14, title, 'font-size="14" font-weight="bold"'), height: 24 },
    ...captions.flatMap(caption => [notes([caption], WIDTH - STAMPS_WIDTH), space(6)]),
  )
  return { markup: images.join('\n') + shifted(text.markup, STAMPS_WIDTH, 0), height: Math.max(SIDE, text.height) }
}

function fieldsOf(data: ObjectData): ShownField[] {
  const fields = mainFields(data).filter(({ name }) => !IN_HEADING.includes(name))
  return fields.flatMap(field => {
    const value = { ...field, description: '' }
    return DESCRIBED.includes(field.name) ? [value, { name: '', value: '', description: field.description }] : [value]
  })
}

/** Lists fields with their descriptions. */
function list(fields: readonly ShownField[]): Drawing {
  const lines = fields.map(({ name, value, description }, i) => {
    const cells = [svgText(0, 0, name), svgText(150, 0, value), svgText(370, 0, description, `fill="${MUTED.light}"`)]
    return shifted(cells.join(''), 0, 12 + i * LINE_HEIGHT)
  })
  return { markup: lines.join('\n'), height: fields.length * LINE_HEIGHT }
}

/** Lists fields in three columns, without their descriptions. A field without a name is a grey line. */
function columns(fields: readonly ShownField[]): Drawing {
  const rows = Math.ceil(fields.length / 3)
  const placed = fields.map(({ name, value, description }, i) => {
    const line = name
      ? svgText(0, 0, name) + svgText(160, 0, value)
      : svgText(0, 0, description, `fill="${MUTED.light}"`)
    return shifted(line, (Math.floor(i / rows) * WIDTH) / 3, 12 + (i % rows) * LINE_HEIGHT)
  })
  return { markup: placed.join('\n'), height: rows * LINE_HEIGHT }
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
