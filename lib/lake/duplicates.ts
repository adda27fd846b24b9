import { CorruptGzipError, gunzip } from '../alerts/gunzip.ts'
import { type Member, TarReader } from '../alerts/tar.ts'
import { sha256OfBytes } from '../core/files.ts'
import type { DamagedPackets } from './damaged-packets.ts'

/**
 * Collects the alerts of a tarball that have the candid of an earlier one. Few nights have any. So the tarball is read a
 * second time to compare them, instead of hashing each alert in the first reading. Members are numbered from 0.
 */
export class Duplicates {
  /** Candids of the duplicates, in the order of the tar. */
  candids: string[] = []
  private readonly members: number[] = []
  private readonly damaged = new Set<number>()

  add(member: number, candid: bigint): void {
    this.members.push(member)
    this.candids.push(String(candid))
  }

  /** Records the number of a damaged member, which is neither an alert in the lake nor a duplicate. */
  addDamaged(member: number): void {
    this.damaged.add(member)
  }

  /**
   * Reads the tarball again, and keeps the duplicates that differ from the first alert with their candid as damaged
   * packets.
   * @param firsts candids of all alerts in the lake, in the order of the tar
   */
  async keepDiffering(path: string, firsts: Iterable<bigint>, packets: DamagedPackets): Promise<void> {
    if (this.members.length === 0) return
    const identical: string[] = []
    let compared = 0
    for await (const { member, candid, differs } of this.compare(path, firsts)) {
      compared++
      if (differs) await packets.keep(member, `it differs from an earlier alert with the candid ${candid}`)
      else identical.push(candid)
    }
    if (compared < this.members.length)
      throw new Error('it could not be read a second time: check its disk, then run make lake again')
    this.candids = identical
  }

  /** Yields each duplicate, and whether its bytes differ from those of the first alert with its candid. */
  private async *compare(path: string, firsts: Iterable<bigint>) {
    const duplicated = new Set(this.candids)
    const hashes = new Map<string, bigint>()
    const alerts = firsts[Symbol.iterator]()
    let next = 0
    let number = 0
    for await (const member of membersOf(path)) {
      const candid = this.members[next] === number ? this.candids[next] : undefined
      if (candid !== undefined) {
        next++
        yield { member, candid, differs: hashOf(member) !== hashes.get(candid) }
      } else if (!this.damaged.has(number)) {
        const first = String(alerts.next().value)
        if (duplicated.has(first)) hashes.set(first, hashOf(member))
      }
      number++
    }
  }
}

/** Members up to any damage in the gzip stream. */
async function* membersOf(path: string): AsyncGenerator<Member> {
  const tar = new TarReader()
  try {
    for await (const chunk of gunzip(path)) yield* tar.push(chunk)
  } catch (error) {
    if (!(error instanceof CorruptGzipError)) throw error
  }
}

/** The first 64 bits of the SHA-256. More would take too much memory if a hostile tarball has millions of duplicates. */
function hashOf({ bytes, start, size }: Member): bigint {
  return BigInt(`0x${sha256OfBytes(bytes.subarray(start, start + size)).slice(0, 16)}`)
}
