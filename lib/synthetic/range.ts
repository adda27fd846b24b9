export interface ByteRange {
  start: number
  /** Not included. */
  end: number
}

/** The bytes that a Range header asks for: undefined for all of them, null where it cannot be met (416). */
export function parseRange(header: string | undefined, size: number): ByteRange | null | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return undefined
  if (from === '') return Number(to) > 0 && size > 0 ? { start: Math.max(0, size - Number(to)), end: size } : null
  const [start, end] = [Number(from), to === '' ? size : Math.min(size, Number(to) + 1)]
  // A last byte before the first makes the header invalid, and an invalid one is as if absent (RFC 9110, 14.1.1).
  if (to !== '' && Number(to) < start) return undefined
  return start < size ? { start, end } : null
}
