import type { Band } from '../curve/bands.ts'

export const FONT = 'system-ui, "DejaVu Sans", sans-serif'

/** Colour in the SVG (`light`), and its replacement in dark mode (`dark`). */
export interface Color {
  readonly light: string
  readonly dark: string
}

export const TEXT: Color = { light: '#16191d', dark: '#e6e8ea' }
export const MUTED: Color = { light: '#5b6470', dark: '#9aa4af' }
export const FRAME: Color = { light: '#dddddd', dark: '#3a3f44' }

export const BAND_COLORS: Readonly<Record<Band, Color>> = {
  g: { light: '#16803c', dark: '#4ade80' },
  r: { light: '#c81e1e', dark: '#f87171' },
  i: { light: '#a15c07', dark: '#f0a63c' },
}
