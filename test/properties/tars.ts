import { fc } from './cases.ts'
import { NAMES } from './schemas.ts'

/** One entry of a tar as it is stated, which need not be what it is. */
export interface Entry {
  readonly type: string
  readonly name: string
  /** The text of the size's field; undefined for the true one. */
  readonly size?: string
  readonly body: Buffer
}

const BLOCK = 512
/**
 * Regular, links, devices, a folder, a pipe, contiguous, sparse, names and labels of GNU and pax, and what nobody
 * knows.
 */
const TYPES = [...'01234567SLKxgVMDXA~', '\0', '\u00ff']

/** Sizes that are no sizes, or none that follow: octal, base 256, negative, beyond 2^53 and beyond any disk. */
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

/** Records of pax headers: sizes without end, names that lead out of the folder, lengths that lie. */
const PAX = [
  `20 size=${'9'.repeat(400)}\n`,
  '12 size=-1\n',
  '12 size=1e9\n',
  '19 size=4294967296\n',
  '30 path=../../../../canary\n',
  '20 path=/canary\n',
  '9999999999999999999999 path=x\n',
  '13 path=a\nb\u001b[31m\n',
  `30000 path=${'long/'.repeat(6000)}\n`,
  '18 linkpath=/etc\n',
  '22 GNU.sparse.major=1\n22 GNU.sparse.size=99\n',
  'no record at all',
].map(text => Buffer.from(text))

/** Names that lead out of the folder, or that a shell or a terminal would obey. */
export const MEMBERS = [
  ...NAMES,
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

const name = fc.constantFrom('1.avro', 'a/2.avro', ...MEMBERS.filter(({ length }) => length < 100))
const body = fc.uint8Array({ maxLength: 1500 }).map(bytes => Buffer.from(bytes))

/** Entries whose sizes are true, of any type and name. */
export const honest: fc.Arbitrary<Entry> = fc
  .record({ type: fc.constantFrom('0', '0', '0', ...TYPES), name, body })
  .map(entry => (isBodiless(entry) ? { ...entry, body: Buffer.alloc(0) } : entry))

/** Entries that lie about their size, or give the next one a name or size. */
export const lying: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ type: fc.constantFrom(...TYPES), name, body, size: fc.constantFrom(...SIZES) }),
  fc.record({ type: fc.constantFrom('x', 'g', 'L'), name, body: fc.constantFrom(...PAX) }),
)

/** The tar of the entries, with its end. */
export function tarOf(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(entryOf), Buffer.alloc(1024)])
}

/** One entry's header and body, to the end of its last block. */
export function entryOf(entry: Entry): Buffer {
  return Buffer.concat([headerOf(entry), entry.body, padding(entry)])
}

function headerOf({ type, name, size, body }: Entry): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100)
  block.write(size ?? body.length.toString(8).padStart(11, '0'), 124, 12, 'latin1')
  block.write(' '.repeat(8), 148)
  block.write(type, 156, 1, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Links, devices, folders and pipes. */
function isBodiless({ type }: Entry): boolean {
  return '123456'.includes(type)
}

function padding({ body }: Entry): Buffer {
  return Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)
}
