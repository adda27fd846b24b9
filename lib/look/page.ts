import { BAND_COLORS } from './chart.ts'
import { formatPosition, mainFields, type ShownField, summary } from './fields.ts'
import { drawFigure } from './figure.ts'
import type { ObjectData } from './find.ts'
import { type Color, escapeMarkup, FRAME, MUTED, svgImage, TEXT } from './svg.ts'

const STYLE = `
:root { color-scheme: light dark; --muted: ${lightDark(MUTED)}; --line: ${lightDark(FRAME)} }
body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; max-width: 960px; margin: 1.5rem auto; padding: 0 1rem;
  color: ${lightDark(TEXT)}; background: light-dark(#fff, #15181b) }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem } p { margin: .2rem 0 }
.muted, td:last-child { color: var(--muted) } .muted { font-size: .87rem } a { color: inherit }
figure { margin: 1rem 0 } .scroll { overflow-x: auto }
figure > svg { width: 100%; min-width: 640px; height: auto; color: inherit } image { image-rendering: pixelated }
${[...Object.values(BAND_COLORS), MUTED, FRAME].map(recolor).join('\n')}
table { border-collapse: collapse; font-size: .92rem } td, th { padding: .16rem 1.2rem .16rem 0; text-align: left;
  border-bottom: 1px solid var(--line); font-weight: normal; vertical-align: top }
td:nth-child(2) { font-variant-numeric: tabular-nums; white-space: nowrap } th { font-family: ui-monospace, monospace }
@media (max-width: 600px) { td, th { padding-right: .6rem } td:nth-child(2) { white-space: normal } }`

/** The HTML page of `make look`, which is a single file without scripts or external resources. */
export function lookPage(data: ObjectData): string {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeMarkup(data.objectId)}</title>
<style>${STYLE}
</style>
<h1>${escapeMarkup(data.objectId)}</h1>
<p>${[...formatPosition(data), ...brokerLinks(data)].join(' &ensp; ')}
<p class="muted">${escapeMarkup(summary(data))}
<figure class="scroll">${svgImage(drawFigure(data))}</figure>
<h2>Main fields</h2>
<div class="scroll"><table>${mainFields(data).map(tableRow).join('')}</table></div>
</html>
`
}

function brokerLinks({ objectId, candidate: { ra, dec } }: ObjectData): string[] {
  if (typeof ra !== 'number' || typeof dec !== 'number') return []
  const links = {
    ALeRCE: `https://alerce.online/object/${encodeURIComponent(objectId)}`,
    Fink: `https://ztf.fink-portal.org/${encodeURIComponent(objectId)}`,
    SIMBAD: `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${ra}%20${dec}&Radius=5&Radius.unit=arcsec`,
  }
  return Object.entries(links).map(([name, url]) => `<a href="${escapeMarkup(url)}" rel="noreferrer">${name}</a>`)
}

function tableRow({ name, value, description }: ShownField): string {
  const cells = [value, description].map(text => `<td>${escapeMarkup(text)}</td>`)
  return `<tr><th scope="row">${escapeMarkup(name)}</th>${cells.join('')}</tr>\n`
}

function lightDark({ light, dark }: Color): string {
  return `light-dark(${light}, ${dark})`
}

/** CSS rules that replace one of the figure's colours in dark mode. */
function recolor(color: Color): string {
  const rule = (attribute: string) => `[${attribute}="${color.light}"] { ${attribute}: ${lightDark(color)} }`
  return `${rule('stroke')} ${rule('fill')}`
}
