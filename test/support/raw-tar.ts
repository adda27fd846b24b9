/** A tar entry whose header may state anything. */
export interface Entry {
  readonly type: string
  readonly name: string
  /** Text of the size field; the true size by default. */
  readonly size?: string
  readonly body: Buffer
}

const BLOCK = 512

/** A tar of the entries, with its end marker. */
export function rawTar(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(rawEntry), Buffer.alloc(2 * BLOCK)])
}

/** Header and body of an entry, padded to full blocks. */
export function rawEntry(entry: Entry): Buffer {
  const padding = Buffer.alloc((BLOCK - (entry.body.length % BLOCK)) % BLOCK)
  return Buffer.concat([headerOf(entry), entry.body, padding])
}

function headerOf({ type, name, size, body }: Entry): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100)
  block.write(size ?? body.length.toString(8).padStart(11, '0'), 124, 12, 'latin1')
  block.write(type, 156, 1, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  return withChecksum(block)
}

/** Writes the checksum into a header block; returns the block. */
export function withChecksum(header: Buffer): Buffer {
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
