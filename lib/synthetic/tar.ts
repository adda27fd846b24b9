/** Tar format: `gnu` if written by Python, `ustar` if written by Go. */
export type Layout = 'gnu' | 'ustar'

export interface Member {
  name: string
  bytes: Uint8Array
}

const BLOCK = 512
const GNU_RECORD = 20 * BLOCK
const MTIME = 1_530_000_000

/** Header and content of a tar entry, padded to full blocks. Type flag '0' is a regular file. */
export function tarEntry({ name, bytes }: Member, layout: Layout, type = '0'): Buffer {
  return Buffer.concat([header(name, bytes.length, type, layout), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))])
}

/** Zero blocks that end a tar of `length` bytes. GNU tar pads to a multiple of 20 blocks; Go writes only two. */
export function tarEnd(length: number, layout: Layout): Buffer {
  const size = length + 2 * BLOCK
  return Buffer.alloc((layout === 'gnu' ? Math.ceil(size / GNU_RECORD) * GNU_RECORD : size) - length)
}

function header(name: string, size: number, type: string, layout: Layout): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0)
  block.write(`${octal(layout === 'gnu' ? 0o744 : 0o3504, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100)
  block.write(`${octal(size, 11)}\0${octal(MTIME, 11)}\0${' '.repeat(8)}${type}`, 124)
  block.write(layout === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1')
  if (layout === 'ustar') {
    block.write('root', 265)
    block.write('root', 297)
  }
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
