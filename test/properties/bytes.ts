import { fc } from './cases.ts'

/** A change to bytes: where, as a share of their length or from their start, how many go, and what comes instead. */
export interface Edit {
  readonly at: number
  readonly gone: number
  readonly come: Uint8Array
}

/** Avro's numbers at their worst: varints that are negative, huge, longer than any number, and without end. */
const VARINTS = [
  [0x01],
  [0x7f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xfe, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0xff, 0xff, 0xff, 0x7f],
].map(bytes => Uint8Array.from(bytes))

const come = fc.oneof(
  fc.constantFrom(...VARINTS),
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc.uint8Array({ maxLength: 40 }),
)

const place = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.integer({ min: 1, max: 600 }))

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({ at: place, gone: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 5000 })), come }),
  { minLength: 1, maxLength: 4 },
)

export function edited(bytes: Buffer, changes: readonly Edit[]): Buffer {
  return changes.reduce((before, { at, gone, come }) => {
    const from = Math.min(before.length, at < 1 ? Math.floor(at * before.length) : at)
    return Buffer.concat([before.subarray(0, from), come, before.subarray(from + gone)])
  }, bytes)
}
