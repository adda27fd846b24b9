import { rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Member } from '../alerts/tar.ts'
import { addPath } from '../core/errors.ts'
import { makeFolder, remove, sha256OfBytes } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { DamagedPacket } from './manifest.ts'

/**
 * Saves a night's packets that are not in the lake unchanged in `bad/<stem>/`. They are damaged, or differ from an
 * earlier alert with the same candid.
 */
export class DamagedPackets {
  readonly packets: DamagedPacket[] = []
  private readonly folder: string
  private readonly temporary: string
  private bytes = 0

  constructor(paths: Paths, night: Night) {
    this.folder = paths.badPackets(night)
    this.temporary = `${this.folder}.part`
  }

  /**
   * Records a damaged packet, and saves it unless it is oversize.
   * @throws Error if the night has more damaged packets, or more bytes in them, than LIMITS allows
   */
  async keep(member: Member, reason: string): Promise<void> {
    this.bytes += member.oversize ? 0 : member.size
    if (this.packets.length === LIMITS.damagedMembers || this.bytes > LIMITS.damagedBytes)
      throw new Error(
        `more than ${plural(this.packets.length, 'packet')} are damaged, the last because ${reason}: ` +
          'if it is not what the archive published, delete it and run make download',
      )
    if (member.oversize) {
      this.packets.push({ member: member.name, reason: `${reason}; too large to be kept` })
      return
    }
    if (!this.isAnyKept) {
      await remove(this.temporary)
      await makeFolder(this.temporary)
    }
    // Sanitize the member's name, because it is untrusted and could contain `/` or `..`.
    const name = `${this.packets.length + 1}-${basename(member.name)
      .replace(/[^\w.-]/g, '_')
      .slice(-100)}`
    const bytes = member.bytes.subarray(member.start, member.start + member.size)
    await writeFile(join(this.temporary, name), bytes, { flush: true }).catch(addPath(this.folder))
    const kept = { name, bytes: bytes.length, sha256: sha256OfBytes(bytes) }
    this.packets.push({ member: member.name, reason, kept })
  }

  /** Replaces the packets saved by the night's previous conversion. */
  async publish(): Promise<void> {
    await remove(this.folder)
    if (this.isAnyKept) await rename(this.temporary, this.folder)
  }

  /** Removes packets that were saved but not published. */
  async discard(): Promise<void> {
    await remove(this.temporary)
  }

  private get isAnyKept(): boolean {
    return this.packets.some(packet => packet.kept)
  }
}
