import { mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Member } from '../alerts/tar.ts'
import { addPath } from '../core/errors.ts'
import { remove, sha256OfBytes } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { DamagedPacket } from './manifest.ts'

/** Keeps a night's damaged packets aside, raw, under `bad/<stem>/`, with the reason for each. */
export class DamagedPackets {
  readonly packets: DamagedPacket[] = []
  private readonly folder: string
  private readonly beside: string
  private bytes = 0

  constructor(paths: Paths, night: Night) {
    this.folder = paths.badPackets(night)
    this.beside = `${this.folder}.part`
  }

  /**
   * Keeps a packet.
   * @throws Error where they are more than can be said to be a night's few damaged ones
   */
  async keep(member: Member, reason: string): Promise<void> {
    this.bytes += member.oversize ? 0 : member.size
    if (this.packets.length === LIMITS.damaged || this.bytes > LIMITS.damagedBytes)
      throw new Error(
        `over ${plural(this.packets.length, 'packet')} of it are damaged, the last since ${reason}: ` +
          'is it what the archive published? Delete it and run make download',
      )
    if (member.oversize) {
      this.packets.push({ member: member.name, reason: `${reason}; too large to be kept` })
      return
    }
    if (!this.packets.some(packet => packet.kept)) await this.begin()
    // The member's own name is somebody else's text: only its harmless letters become part of a path.
    const name = `${this.packets.length + 1}-${basename(member.name)
      .replace(/[^\w.-]/g, '_')
      .slice(-100)}`
    const bytes = member.bytes.subarray(member.start, member.start + member.size)
    await writeFile(join(this.beside, name), bytes).catch(addPath(this.folder))
    const kept = { name, bytes: bytes.length, sha256: sha256OfBytes(bytes) }
    this.packets.push({ member: member.name, reason, kept })
  }

  /** Puts the packets in the place of those of a former conversion of the night. */
  async publish(): Promise<void> {
    await remove(this.folder)
    if (this.packets.some(packet => packet.kept)) await rename(this.beside, this.folder)
  }

  /** Removes what was kept and not published. */
  async discard(): Promise<void> {
    await remove(this.beside)
  }

  private async begin(): Promise<void> {
    await remove(this.beside)
    await mkdir(dirname(this.beside), { recursive: true })
    await mkdir(this.beside)
  }
}
