/** `gnu`: nights written by Python; `ustar`: nights written by Go. */
export type Layout = 'gnu' | 'ustar'

export interface Member {
  name: string
  bytes: Uint8Array
}

export interface TarOptions {
  layout: Layout
  /** Folder of all members. It has an entry of its own if `directory` is set. */
  folder?: string
  directory?: boolean
  /** Names are in the header itself, or in an extra entry before a header with another name. */
  names?: 'plain' | 'pax' | 'gnu'
  /** Numbers of members that follow two blocks of zeros, as in concatenated tars. */
  zerosBefore?: readonly number[]
  /** False omits the blocks of zeros at the end. */
  end?: boolean
}

export interface Tar {
  bytes: Buffer
  /** Position of each member's header, after any extra entry for its name. */
  offsets: number[]
  /** End of each member's content, without padding. */
  ends: number[]
}

const BLOCK = 512
const GNU_RECORD = 20 * BLOCK
const MTIME = 1_530_000_000
const NAME_SIZE = 100

export function packTar(members: readonly Member[], options: TarOptions): Tar {
  const packer = new Packer(options)
  if (options.folder && options.directory) packer.entry({ name: `${options.folder}/`, bytes: Buffer.alloc(0) }, '5')
  for (const [index, member] of members.entries()) {
    if (options.zerosBefore?.includes(index)) packer.zeros(2 * BLOCK)
    packer.member(member)
  }
  return packer.done()
}

class Packer {
  private readonly chunks: Uint8Array[] = []
  private readonly offsets: number[] = []
  private readonly ends: number[] = []
  private length = 0
  private readonly options: TarOptions

  constructor(options: TarOptions) {
    this.options = options
  }

  member({ name, bytes }: Member): void {
    const { folder, names = 'plain' } = this.options
    const full = folder ? `${folder}/${name}` : name
    if (names === 'pax') this.entry({ name: 'PaxHeaders/alert', bytes: paxRecord('path', full) }, 'x')
    if (names === 'gnu') this.entry({ name: '././@LongLink', bytes: Buffer.from(`${full}\0`) }, 'L')
    this.offsets.push(this.length)
    this.entry({ name: names === 'plain' ? full : 'name-in-extra-entry', bytes }, '0')
    this.ends.push(this.length - padding(bytes.length))
  }

  entry(member: Member, type: string): void {
    this.push(header(member, type, this.options.layout))
    this.push(member.bytes)
    this.zeros(padding(member.bytes.length))
  }

  zeros(size: number): void {
    this.push(Buffer.alloc(size))
  }

  /** GNU tar pads to records of 20 blocks; Go writes the two blocks of zeros only. */
  done(): Tar {
    const size = this.length + 2 * BLOCK
    const full = this.options.layout === 'gnu' ? Math.ceil(size / GNU_RECORD) * GNU_RECORD : size
    if (this.options.end !== false) this.zeros(full - this.length)
    return { bytes: Buffer.concat(this.chunks), offsets: this.offsets, ends: this.ends }
  }

  private push(bytes: Uint8Array): void {
    this.chunks.push(bytes)
    this.length += bytes.length
  }
}

function header({ name, bytes }: Member, type: string, layout: Layout): Buffer {
  if (Buffer.byteLength(name) > NAME_SIZE) throw new RangeError(`too long for a plain name: ${name}`)
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0)
  block.write(`${octal(layout === 'gnu' ? 0o744 : 0o3504, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100)
  block.write(`${octal(bytes.length, 11)}\0${octal(MTIME, 11)}\0${' '.repeat(8)}${type}`, 124)
  block.write(layout === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1')
  if (layout === 'ustar') {
    block.write('root', 265)
    block.write('root', 297)
  }
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

/** `LENGTH KEY=VALUE\n`, where LENGTH includes its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest
  while (String(length).length + rest !== length) length = String(length).length + rest
  return Buffer.from(`${length} ${key}=${value}\n`)
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}
