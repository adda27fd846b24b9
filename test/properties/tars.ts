import type { Entry } from '../support/raw-tar.ts'
import { fc } from './cases.ts'
import { FIELD_NAMES } from './schemas.ts'

/** Regular files, links, devices, folders, pipes, sparse files, GNU and pax metadata, and unknown types. */
const TYPES = [...'01234567SLKxgVMDXA~', '\0', '\u00ff']

/** Size fields that are invalid or wrong: octal, base 256, negative, beyond 2^53 and beyond any disk. */
const SIZES = [
  '-0000000005',
  '77777777777',
  '00000200000',
  '0x10',
  '12abc',
  ' ',
  '\u0080\0\0\0\0\0\u0020\0\0\0\0\0',
  '\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe',
  '\u00ff'.repeat(12),
  `\u0080${'\u00ff'.repeat(11)}`,
]

/** Bodies of pax headers: paths outside the folder, wrong record lengths. */
const PAX = [
  '30 path=../../../../canary\n',
  '20 path=/canary\n',
  '9999999999999999999999 path=x\n',
  '13 path=a\nb\u001b[31m\n',
  `30000 path=${'long/'.repeat(6000)}\n`,
  '18 linkpath=/etc\n',
  '22 GNU.sparse.major=1\n22 GNU.sparse.size=99\n',
  'no record at all',
].map(text => Buffer.from(text))

/** Names that lead out of the folder, or that a shell or terminal would interpret. */
export const MEMBER_NAMES = [
  ...FIELD_NAMES,
  '../../canary',
  '/canary',
  'a/../../canary',
  '..',
  '.',
  '/',
  'C:\\canary',
  'con',
  '-rf',
  '%2e%2e/x',
]

const name = fc.constantFrom('1.avro', 'a/2.avro', ...MEMBER_NAMES.filter(({ length }) => length < 100))
const body = fc.uint8Array({ maxLength: 1500 }).map(bytes => Buffer.from(bytes))

/** Entries of any type and name whose stated size is correct. */
export const truthful: fc.Arbitrary<Entry> = fc
  .record({ type: fc.constantFrom('0', '0', '0', ...TYPES), name, body })
  .map(entry => (isBodiless(entry) ? { ...entry, body: Buffer.alloc(0) } : entry))

/** Entries that state a wrong size, or a name for the next entry. */
export const lying: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ type: fc.constantFrom(...TYPES), name, body, size: fc.constantFrom(...SIZES) }),
  fc.record({ type: fc.constantFrom('x', 'g', 'L'), name, body: fc.constantFrom(...PAX) }),
)

/** Links, devices, folders and pipes. */
function isBodiless({ type }: Entry): boolean {
  return '123456'.includes(type)
}
