import { fc } from './cases.ts'

/** Replaces `removed` bytes by others. The position is a fraction of the length if below 1, else an offset. */
export interface Edit {
  readonly position: number
  readonly removed: number
  readonly inserted: Uint8Array
}

/** Edge cases of Avro's varints: negative, huge, longer than any number, and without end. */
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

const inserted = fc.oneof(
  fc.constantFrom(...VARINTS),
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc.uint8Array({ maxLength: 40 }),
)
const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const position = fc.oneof(fraction, fc.integer({ min: 1, max: 600 }))
const removed = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 5000 }))

export const edits: fc.Arbitrary<Edit[]> = fc.array(fc.record({ position, removed, inserted }), {
  minLength: 1,
  maxLength: 4,
})

export function applyEdits(bytes: Buffer, changes: readonly Edit[]): Buffer {
  return changes.reduce((before, { position, removed, inserted }) => {
    const start = Math.min(before.length, position < 1 ? Math.floor(position * before.length) : position)
    return Buffer.concat([before.subarray(0, start), inserted, before.subarray(start + removed)])
  }, bytes)
}
