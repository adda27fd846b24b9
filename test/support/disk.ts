import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { appendFile, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A small disk in memory. */
export class Disk {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Mounts a disk until the end of the test. */
  static async mount(t: TestContext, size = '64m'): Promise<Disk> {
    const disk = new Disk(mkdtempSync(join(tmpdir(), 'ztf-lake-disk-')))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk.folder])
    t.after(async () => {
      execFileSync('umount', ['--lazy', disk.folder])
      await rm(disk.folder, { recursive: true })
    })
    return disk
  }

  remount(option: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${option}`, this.folder])
  }

  /** Fills the disk up to `left` free bytes. */
  async fill(left = 0): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder)
    await appendFile(this.filler, Buffer.alloc(Math.max(0, bavail * bsize - left)))
  }

  /** Frees what `fill` has filled. */
  async free(): Promise<void> {
    await rm(this.filler)
  }

  async names(): Promise<string[]> {
    return (await readdir(this.folder, { recursive: true })).sort()
  }

  private get filler(): string {
    return join(this.folder, 'filler')
  }
}

/** Reason to skip tests that mount a disk, or false. */
export const NO_DISK = canMount() ? false : 'no right to mount a disk in memory (that takes Linux and root)'

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'ztf-lake-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  }
}
