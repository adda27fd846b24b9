import { type TarEnd, TarReader } from '../../lib/alerts/tar.ts'
import { Random } from '../../lib/synthetic/random.ts'
import type { Layout, Member } from '../../lib/synthetic/tar.ts'
import { withChecksum } from './raw-tar.ts'

export const BLOCK = 512
export const CHUNK_SIZES = [1, 7, 511, 512, 513, 4096, 1 << 20]
export const LAYOUTS: Layout[] = ['gnu', 'ustar']

/** Everything that TarReader returns for a tar; members too large to be read have no bytes. */
export interface TarContents {
  readonly members: { name: string; size: number; bytes: Buffer | undefined }[]
  readonly end: TarEnd
}

export function readTar(tar: Buffer, chunkSize = tar.length): TarContents {
  const reader = new TarReader()
  const members: TarContents['members'] = []
  for (const chunk of chunksOf(tar, chunkSize))
    for (const { name, size, bytes, start, oversize } of reader.push(chunk))
      members.push({ name, size, bytes: oversize ? undefined : Buffer.from(bytes.subarray(start, start + size)) })
  return { members, end: reader.end() }
}

export function* chunksOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export function namesOf({ members }: TarContents): string[] {
  return members.map(({ name }) => name)
}

/** Seven members of random bytes, whose sizes are around multiples of the block size. */
export function someMembers(): Member[] {
  const random = new Random(1)
  return [0, 1, 511, 512, 513, 2000, 5120].map((size, i) => ({ name: `${i}.avro`, bytes: random.bytes(size) }))
}

/** The end of an undamaged tar. */
export function completeEnd(members: number): TarEnd {
  return { members, complete: true, cut: undefined, damagedBytes: 0 }
}

/** A copy of the tar with the header at `offset` edited, and a correct checksum. */
export function withHeader(tar: Buffer, offset: number, edit: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(tar)
  const header = copy.subarray(offset, offset + BLOCK)
  edit(header)
  withChecksum(header)
  return copy
}
