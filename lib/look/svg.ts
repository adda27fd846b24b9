import { printable } from '../core/console.ts'

/** Width of every drawing, in px. */
export const WIDTH = 960
export const FONT = 'system-ui, "DejaVu Sans", sans-serif'

/** Colour in the SVG (`light`), and its replacement in dark mode (`dark`). */
export interface Color {
  readonly light: string
  readonly dark: string
}

export const TEXT: Color = { light: '#16191d', dark: '#e6e8ea' }
export const MUTED: Color = { light: '#5b6470', dark: '#9aa4af' }
export const FRAME: Color = { light: '#dddddd', dark: '#3a3f44' }

/** SVG markup with its top left corner at (0, 0), and its height in px. */
export interface Drawing {
  readonly markup: string
  readonly height: number
}

/** Stacks drawings from top to bottom. */
export function stack(...drawings: readonly Drawing[]): Drawing {
  let height = 0
  const groups = drawings.map(drawing => {
    const group = `<g transform="translate(0 ${height})">${drawing.markup}</g>`
    height += drawing.height
    return group
  })
  return { markup: groups.join('\n'), height }
}

export function space(height: number): Drawing {
  return { markup: '', height }
}

/** Creates an SVG image of a drawing, with a margin of `margin` px on all sides. */
export function svgImage({ markup, height }: Drawing, margin = 0): string {
  const size = [WIDTH + 2 * margin, height + 2 * margin]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}"
  viewBox="${[-margin, -margin, ...size].join(' ')}" color="${TEXT.light}" fill="currentColor"
  font-family="${escapeMarkup(FONT)}" font-size="12">
${markup}
</svg>`
}

/** Draws lines of grey text. */
export function notes(lines: readonly string[]): Drawing {
  const style = `fill="${MUTED.light}"`
  return { markup: lines.map((line, i) => svgText(0, 12 + i * 16, line, style)).join('\n'), height: lines.length * 16 }
}

export function svgText(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeMarkup(text)}</text>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes text for HTML and SVG, including attributes. Control characters are escaped too, e.g. as `\u{1}`. */
export function escapeMarkup(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, character => ENTITIES[character] as string)
}
