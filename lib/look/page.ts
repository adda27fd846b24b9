import { plural } from '../core/units.ts'
import { drawLegend, drawLightCurve } from './chart.ts'
import { channelsNote, dataUri, type Fact, factsOf, NO_POINT, positionOf, rangeOf, summary } from './fields.ts'
import type { ObjectData } from './find.ts'
import { isFainter } from './light-curve.ts'
import { MISSING, type Stamp } from './stamps.ts'

/** Arc seconds of a pixel. */
const PIXEL = 1.01

const STYLE = `
:root { color-scheme: light dark; --g: light-dark(#16803c, #4ade80); --r: light-dark(#c81e1e, #f87171);
  --i: light-dark(#a15c07, #f0a63c); --line: light-dark(#ddd, #3a3f44); --soft: light-dark(#5b6470, #9aa4af) }
body { font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; max-width: 960px; margin: 1.5rem auto; padding: 0 1rem;
  color: light-dark(#16191d, #e6e8ea); background: light-dark(#fff, #15181b) }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem } p { margin: .2rem 0 }
.soft, figcaption, td:last-child { color: var(--soft) } figcaption, .soft { font-size: .87rem }
a { color: inherit } .wide { overflow-x: auto } svg { width: 100%; min-width: 640px; height: auto }
.stamps { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem } figure { margin: 0 }
.frame { aspect-ratio: 1; border: 1px solid var(--line); display: grid; place-items: center }
.sky { position: relative } .sky img { width: 100%; height: 100%; display: block; image-rendering: pixelated }
.none { padding: 1rem; text-align: center; color: var(--soft) }
.bar { position: absolute; left: 8px; bottom: 6px; border-bottom: 2px solid #fff; color: #fff; font-size: .75rem;
  text-align: center; text-shadow: 0 0 3px #000, 0 0 3px #000 }
table { border-collapse: collapse; font-size: .92rem } td, th { padding: .16rem 1.2rem .16rem 0; text-align: left;
  border-bottom: 1px solid var(--line); font-weight: normal; vertical-align: top }
td:nth-child(2) { font-variant-numeric: tabular-nums; white-space: nowrap } th { font-family: ui-monospace, monospace }
@media (max-width: 600px) { td, th { padding-right: .6rem } td:nth-child(2) { white-space: normal } }`

/** Bands as the style sheet colours them, light or dark. */
const PALETTE = { g: 'var(--g)', r: 'var(--r)', i: 'var(--i)' }

/** A page that shows what was found: one file that asks nothing of a network, and runs nothing. */
export function lookPage(found: ObjectData): string {
  const { objectId, points, stamps } = found
  const curve = points.length > 0 ? drawLegend(points, PALETTE) + drawLightCurve(points, PALETTE) : NO_POINT
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(objectId)}</title>
<style>${STYLE}
</style>
<h1>${escaped(objectId)}</h1>
<p>${placeOf(found)}
<p class="soft">${escaped(summary(found))}
<h2>Light curve</h2>
<div class="wide">${curve}</div>
<p class="soft">${channelsNote(found)}
<h2>Stamps</h2>
<div class="stamps">${stamps.map(figure).join('')}</div>
<p class="soft">North is up and east left, to within the turn of the camera; ${PIXEL}″ a pixel. Science and template
asinh above the sky; difference ${differenceOf(found)}, linear, 0 the middle grey.${missingNote(stamps)}
<h2>Main fields</h2>
<div class="wide"><table>${factsOf(found).map(line).join('')}</table></div>
</html>
`
}

/** A change to the fainter is found, and kept, in the image that is subtracted the other way round. */
function differenceOf({ candidate: { isdiffpos } }: ObjectData): string {
  return isFainter(isdiffpos) ? 'template less science' : 'science less template'
}

function placeOf(found: ObjectData): string {
  const { objectId, candidate } = found
  const [ra, dec] = [candidate.ra, candidate.dec]
  const links = {
    ALeRCE: `https://alerce.online/object/${encodeURIComponent(objectId)}`,
    Fink: `https://ztf.fink-portal.org/${encodeURIComponent(objectId)}`,
    SIMBAD: `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${ra}%20${dec}&Radius=5&Radius.unit=arcsec`,
  }
  const anchors = Object.entries(links).map(([name, url]) => `<a href="${escaped(url)}" rel="noreferrer">${name}</a>`)
  const position = positionOf(found)
  return position.length > 0 ? [...position, anchors.join(' · ')].join(' &ensp; ') : ''
}

function figure({ name, shown }: Stamp): string {
  if (typeof shown === 'string')
    return `<figure><div class="frame"><span class="none">${escaped(shown)}</span></div>
<figcaption>${name}</figcaption></figure>`
  const side = Math.max(shown.width, shown.height)
  const size = `width: ${percent(shown.width / side)}; height: ${percent(shown.height / side)}`
  return `<figure><div class="frame"><div class="sky" style="${size}">
<img alt="${name} stamp" src="${dataUri(shown)}">
<span class="bar" style="width: ${percent(10 / PIXEL / shown.width)}">10″</span></div></div>
<figcaption>${name}, ${shown.width} × ${shown.height} px, ${rangeOf(shown)}</figcaption></figure>`
}

function missingNote(stamps: readonly Stamp[]): string {
  const count = stamps.reduce((sum, { shown }) => sum + (typeof shown === 'string' ? 0 : shown.missing), 0)
  if (count === 0) return ''
  return ` <span style="background: rgb(${MISSING})">&emsp;</span> ${plural(count, 'pixel')} without a value.`
}

function line([field, value, about]: Fact): string {
  return `<tr><th scope="row">${escaped(field)}</th><td>${escaped(value)}</td><td>${escaped(about)}</td></tr>\n`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}

/** Text of others as text, also within quotes. */
function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replaceAll(/[&<>"']/g, character => names[character] as string)
}
