/** Returns the number of bits for levels from 0 to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max)
}

/** Returns the maximum number of bytes that `encodeLevels` writes for `count` levels: length, varint and levels. */
export function maxEncodedBytes(count: number, width: number): number {
  return 4 + 5 + Math.ceil(count / 8) * width
}

/**
 * Encodes levels as an RLE / bit-packing hybrid, preceded by its length (Parquet format, "Encodings", RLE = 3): one RLE
 * run if all levels are equal, otherwise one bit-packed run, in which the codec compresses repetitions.
 *
 * @param levels one byte each
 * @param target buffer with room for `maxEncodedBytes` at `offset`
 * @returns the end of the encoded levels in `target`
 */
export function encodeLevels(levels: Uint8Array, width: number, target: Uint8Array, offset: number): number {
  const from = offset + 4
  const to = areEqual(levels) ? writeRun(levels, target, from) : packBits(levels, width, target, from)
  const size = to - from
  for (let i = 0; i < 4; i++) target[offset + i] = size >>> (i * 8)
  return to
}

function areEqual(levels: Uint8Array): boolean {
  for (let i = 1; i < levels.length; i++) if (levels[i] !== levels[0]) return false
  return true
}

function writeRun(levels: Uint8Array, target: Uint8Array, offset: number): number {
  const at = writeVarint(levels.length << 1, target, offset)
  target[at] = levels[0] as number
  return at + 1
}

/** Packs groups of eight levels, lowest bits first; the last group is padded with zeros. */
function packBits(levels: Uint8Array, width: number, target: Uint8Array, offset: number): number {
  const groups = Math.ceil(levels.length / 8)
  let at = writeVarint((groups << 1) | 1, target, offset)
  const stop = at + groups * width
  let [bits, used] = [0, 0]
  for (let i = 0; i < levels.length; i++) {
    bits |= (levels[i] as number) << used
    used += width
    while (used >= 8) {
      target[at++] = bits
      bits >>>= 8
      used -= 8
    }
  }
  while (at < stop) {
    target[at++] = bits
    bits >>>= 8
  }
  return stop
}

function writeVarint(value: number, target: Uint8Array, offset: number): number {
  let at = offset
  let rest = value
  for (; rest > 127; rest >>>= 7) target[at++] = (rest & 127) | 128
  target[at++] = rest
  return at
}
