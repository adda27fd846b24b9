import { printable } from '../core/console.ts'
import { FONT, MUTED, TEXT } from './colors.ts'

/** Width of the pictures, in px. */
export const WIDTH = 960

/** SVG markup with its top left corner at (0, 0), and its height in px. */
export interface Drawing {
  readonly markup: string
  readonly height: number
}

/** Stacks drawings from top to bottom. */
export function stack(...drawings: readonly Drawing[]): Drawing {
  let height = 0
  const groups = drawings.map(drawing => {
    const group = shifted(drawing.markup, 0, height)
    height += drawing.height
    return group
  })
  return { markup: groups.join('\n'), height }
}

/** Moves markup to the right and down. */
export function shifted(markup: string, x: number, y: number): string {
  return `<g transform="translate(${x} ${y})">${markup}</g>`
}

export function space(height: number): Drawing {
  return { markup: '', height }
}

/** Creates an SVG image of a drawing, with a margin of `margin` px on all sides. `label` describes it for screen readers. */
export function svgImage({ markup, height }: Drawing, label: string, margin = 0, width = WIDTH): string {
  const size = [width + 2 * margin, height + 2 * margin]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}"
  viewBox="${[-margin, -margin, ...size].join(' ')}" role="img" aria-label="${escapeMarkup(label)}" color="${TEXT.light}"
  fill="currentColor" font-family="${escapeMarkup(FONT)}" font-size="12">
${markup}
</svg>`
}

/** Width of a character at the font size of notes, in px: more than the average in any common font. */
const CHARACTER = 7

/** Draws paragraphs of grey text, broken into lines of at most `width` px. */
export function notes(paragraphs: readonly string[], width = WIDTH): Drawing {
  const lines = paragraphs.flatMap(text => wrap(text, Math.floor(width / CHARACTER)))
  const style = `fill="${MUTED.light}"`
  return { markup: lines.map((line, i) => svgText(0, 12 + i * 16, line, style)).join('\n'), height: lines.length * 16 }
}

/** Breaks a text into lines of at most `length` characters, if its words are not longer. */
export function wrap(text: string, length: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= length) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

export function svgText(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeMarkup(text)}</text>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes text for HTML and SVG, including attributes. Control characters are escaped too, e.g. as `\u{1}`. */
export function escapeMarkup(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, character => ENTITIES[character] as string)
}
