import { type Layout, type Member, tarEnd, tarEntry } from '../../lib/synthetic/tar.ts'

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

export function packTar(members: readonly Member[], options: TarOptions): Tar {
  const { layout, folder, directory, names = 'plain', zerosBefore, end = true } = options
  const [chunks, offsets, ends]: [Buffer[], number[], number[]] = [[], [], []]
  let length = 0
  const push = (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
  }
  if (directory) push(tarEntry({ name: `${folder}/`, bytes: Buffer.alloc(0) }, layout, '5'))
  for (const [i, { name, bytes }] of members.entries()) {
    const full = folder ? `${folder}/${name}` : name
    if (zerosBefore?.includes(i)) push(Buffer.alloc(2 * BLOCK))
    if (names === 'pax') push(tarEntry({ name: 'PaxHeaders/alert', bytes: paxRecord('path', full) }, layout, 'x'))
    if (names === 'gnu') push(tarEntry({ name: '././@LongLink', bytes: Buffer.from(`${full}\0`) }, layout, 'L'))
    offsets.push(length)
    ends.push(length + BLOCK + bytes.length)
    push(tarEntry({ name: names === 'plain' ? full : 'name-in-extra-entry', bytes }, layout))
  }
  if (end) push(tarEnd(length, layout))
  return { bytes: Buffer.concat(chunks), offsets, ends }
}

/** `LENGTH KEY=VALUE\n`, where LENGTH includes its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest
  while (String(length).length + rest !== length) length = String(length).length + rest
  return Buffer.from(`${length} ${key}=${value}\n`)
}
