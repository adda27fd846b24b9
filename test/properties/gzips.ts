import { READ_SIZE } from '../../lib/alerts/inflate-stream.js'
import { gzip } from '../../lib/synthetic/gzip.ts'
import { fc } from './cases.ts'

/** Part of a gzip file. */
export interface Segment {
  readonly kind: 'member' | 'padding' | 'garbage'
  readonly bytes: Buffer
}

const RETRY_SIZE = 1 << 10
/** Bytes that the sizes of segments differ by from those of reads and of retried pieces. */
const offset = fc.integer({ min: -30, max: 30 })
const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }) },
  { weight: 2, arbitrary: offset.map(bytes => RETRY_SIZE + bytes) },
  { weight: 1, arbitrary: offset.map(bytes => READ_SIZE + bytes) },
)

const member = fc
  .record({ size, level: fc.constantFrom(0, 1, 6), name: fc.constantFrom('', 'a.tar') })
  .map(({ size, ...options }): Segment => ({ kind: 'member', bytes: gzip(text(size), options) }))
const padding = size.map((size): Segment => ({ kind: 'padding', bytes: Buffer.alloc(size) }))
const garbage = fc
  .constantFrom('garbage', 'g', 'PK', '\u001f\u008c')
  .map((text): Segment => ({ kind: 'garbage', bytes: Buffer.from(text, 'latin1') }))

/** Files that begin with a member. */
export const gzips: fc.Arbitrary<Segment[]> = fc
  .tuple(
    member,
    fc.array(
      fc.oneof({ weight: 4, arbitrary: member }, { weight: 4, arbitrary: padding }, { weight: 1, arbitrary: garbage }),
      { maxLength: 8 },
    ),
  )
  .map(([first, others]) => [first, ...others])

/** Bytes without long repetitions, so that a compressed member has about the size of its text. */
function text(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0, value = size; i < size; i++) {
    value = (Math.imul(value, 1103515245) + 12345) >>> 0
    bytes[i] = value >>> 24
  }
  return bytes
}
