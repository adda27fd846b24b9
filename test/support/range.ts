export interface ByteRange {
  start: number
  /** Exclusive. */
  end: number
}

/** Parses a Range header. Returns undefined for the whole file, null if the range cannot be satisfied (status 416). */
export function parseRange(header: string | undefined, size: number): ByteRange | null | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return undefined
  if (from === '') return Number(to) > 0 && size > 0 ? { start: Math.max(0, size - Number(to)), end: size } : null
  const [start, end] = [Number(from), to === '' ? size : Math.min(size, Number(to) + 1)]
  // A range that ends before it starts is invalid, and an invalid header is ignored (RFC 9110, 14.1.1).
  if (to !== '' && Number(to) < start) return undefined
  return start < size ? { start, end } : null
}
