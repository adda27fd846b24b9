import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonElement, policyOf } from '../core/html.ts'
import { plural } from '../core/units.ts'
import { textOf } from '../curve/format.ts'
import { built, PROJECT } from '../paths.ts'
import { BAND_COLORS, type Color, FRAME, MUTED, TEXT } from './colors.ts'
import { curveNotes } from './curve-notes.ts'
import { describeStamp, drawLightCurve, drawStamp, STAMP_NOTE } from './drawings.ts'
import { facts } from './facts.ts'
import { alertsNotes, describeAlert, formatPosition, mainFields, type ShownField, summary } from './fields.ts'
import type { ObjectData } from './find.ts'
import { links } from './links.ts'
import { pointTable } from './point-table.ts'
import type { ShownAlert } from './shown-alerts.ts'
import { escapeMarkup, svgImage } from './svg.ts'

const STYLES = ['page.css', 'curve.css'].map(name => join(PROJECT, 'lib/look/browser', name))
/** Size of a stamp's drawing, in px. The style sheets scale it. */
const STAMP_SIDE = 220
const CURVE_LABEL = 'Light curve. The table of its points has all values.'

/**
 * The HTML page of `make look`, a single file that needs no network. Its content is readable without its script. Text
 * from the archive is untrusted, and so escaped, or embedded as JSON, and only the page's own script may run.
 */
export async function lookPage(data: ObjectData): Promise<string> {
  const files = [built('look-page.js'), ...STYLES]
  const [script = '', ...styles] = await Promise.all(files.map(path => readFile(path, 'utf8')))
  const name = escapeMarkup(data.objectId)
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
${policyOf(script)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${name}</title>
<style>${variables()}
${styles.join('\n')}</style>
</head>
<body>
<h1>${name}</h1>
<p>${formatPosition(data).join(' &ensp; ')}
<p class="links">${Object.entries(links(data)).map(link).join('\n')}
<p class="muted">${escapeMarkup(summary(data))}
<main>
${await curveSection(data)}
<section aria-labelledby="stamps-title">
<h2 id="stamps-title">Stamps</h2>
${alertsNotes(data)
  .map(text => `<p class="muted">${text}`)
  .join('')}
${data.shown.map(alertSection).join('\n')}
<p class="muted">${STAMP_NOTE}
</section>
<section aria-labelledby="fields-title">
<h2 id="fields-title">Main fields of the ${escapeMarkup((data.shown[0]?.title ?? 'alert').toLowerCase())}</h2>
${fieldTable(mainFields(data))}
</section>
</main>
${jsonElement('points', data.points.map(rounded))}
<script>${script}</script>
</body>
</html>
`
}

async function curveSection(data: ObjectData): Promise<string> {
  const { points, rows } = data
  const notes = curveNotes(data).map(text => `<p class="muted">${escapeMarkup(text)}`)
  const focus =
    points.length > 0
      ? 'tabindex="0" role="group" aria-label="Light curve: left and right arrow keys choose a point, + and - zoom, 0 shows all"'
      : ''
  return `<section aria-labelledby="curve-title">
<h2 id="curve-title">Light curve</h2>
<div id="controls"></div>
<figure id="curve" ${focus}>${svgImage(drawLightCurve(points), CURVE_LABEL)}</figure>
<div id="point" role="status"></div>
${notes.join('\n')}
${fieldTable(facts(data))}
<p><a href="${await csvLink(data)}" download="${escapeMarkup(data.objectId)}.csv">Save the light curve as CSV</a>, with all columns of <code>make curve</code>
<details><summary>${plural(rows.length, 'row')} as a table</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Points of the light curve">${pointTable(rows)}</div></details>
</section>`
}

function alertSection(alert: ShownAlert): string {
  const { title, stamps, candidate } = alert
  const figures = stamps.map(stamp => {
    const image = svgImage(drawStamp(stamp, STAMP_SIDE), `${stamp.name} stamp`, 0, STAMP_SIDE)
    return `<figure>${image}<figcaption>${escapeMarkup(describeStamp(stamp, candidate.isdiffpos))}</figcaption></figure>`
  })
  return `<h3>${escapeMarkup(title)}</h3><p class="muted">${escapeMarkup(describeAlert(alert))}
<div class="stamps">${figures.join('\n')}</div>`
}

/** Address that contains the light curve as `make curve` writes it, so that it can be saved without a script. */
async function csvLink({ objectId, rows }: ObjectData): Promise<string> {
  async function* curves() {
    yield { objectId, rows }
  }
  const pieces: string[] = []
  for await (const piece of textOf(curves(), 'csv')) pieces.push(piece)
  return `data:text/csv;charset=utf-8;base64,${Buffer.from(pieces.join('')).toString('base64')}`
}

/** Shortens the digits of 32-bit floats, which are many as doubles. */
function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'number' ? Number(part.toFixed(7)) : part)))
}

function link([name, url]: [string, string]): string {
  return `<a href="${escapeMarkup(url)}" rel="noreferrer">${name}</a>`
}

function fieldTable(fields: readonly ShownField[]): string {
  const rows = fields.map(({ name, value, description }) => {
    const cells = `<td>${escapeMarkup(value)}</td><td class="quiet">${escapeMarkup(description)}</td>`
    return `<tr><th scope="row">${escapeMarkup(name)}</th>${cells}</tr>`
  })
  return `<table class="fields">${rows.join('\n')}</table>`
}

/** Colours as CSS variables, and rules that replace those of the drawings in dark mode. */
function variables(): string {
  const names = { text: TEXT, muted: MUTED, line: FRAME, raised: { light: '#f7f8f8', dark: '#1e2226' } }
  const focus = { light: '#0067b8', dark: '#66b3ff' }
  const declared = Object.entries({ ...names, focus }).map(([name, color]) => `--${name}: ${lightDark(color)};`)
  const recolored = [TEXT, ...Object.values(BAND_COLORS), MUTED, FRAME].map(recolor)
  return `:root { color-scheme: light dark; ${declared.join(' ')} }\n${recolored.join('\n')}`
}

function lightDark({ light, dark }: Color): string {
  return `light-dark(${light}, ${dark})`
}

/** CSS rules that replace one of the drawings' colours in dark mode. */
function recolor(color: Color): string {
  const rule = (attribute: string) => `[${attribute}="${color.light}"] { ${attribute}: ${lightDark(color)} }`
  return ['stroke', 'fill', 'color'].map(rule).join(' ')
}
