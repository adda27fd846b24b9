/** Bands, in the order of their filter ids. */
export const BANDS = ['g', 'r', 'i'] as const
export type Band = (typeof BANDS)[number]

/** Band for a filter id; undefined if the id is unknown. */
export function bandOf(fid: unknown): Band | undefined {
  return BANDS[(fid as number) - 1]
}
