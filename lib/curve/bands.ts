/** Bands, in the order of their filter ids. */
export const BANDS = ['g', 'r', 'i'] as const
export type Band = (typeof BANDS)[number]

/** Band for a filter id; undefined if the id is unknown. */
export function bandOf(fid: unknown): Band | undefined {
  return BANDS[(fid as number) - 1]
}

/** True if `isdiffpos` marks a source that is fainter than in the reference image. */
export function isFainter(isdiffpos: unknown): boolean {
  return isdiffpos === 'f' || isdiffpos === '0'
}
