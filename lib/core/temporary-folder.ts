import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, isRunning } from './process.ts'

/** Prefix, host, process id, start time and six random characters. */
const NAME = /^ztf-lake-(.+)-(\d+)-(\d*)-\w{6}$/

/**
 * Folder for temporary files of this process, which is removed when the process ends. If it was killed, the next process
 * removes the folder.
 */
export class TemporaryFolder {
  readonly path: string
  private readonly parent: string
  private readonly onExit = () => this.remove()

  /** Creates a folder inside `parent`, or in the system's folder if that is impossible, e.g. on a read-only disk. */
  constructor(parent: string) {
    const prefix = namePrefix()
    try {
      // Not recursive, so that a mistyped DATA is not created.
      mkdirSync(parent, { recursive: false })
    } catch {}
    try {
      this.path = mkdtempSync(join(parent, prefix))
      this.parent = parent
    } catch {
      this.parent = tmpdir()
      this.path = mkdtempSync(join(this.parent, prefix))
    }
    removeStale(this.parent)
    process.once('exit', this.onExit)
  }

  /** Removes the folder, and its parent if that is then empty. */
  remove(): void {
    process.off('exit', this.onExit)
    rmSync(this.path, { recursive: true, force: true })
    attempt(() => rmdirSync(this.parent))
  }
}

function namePrefix(): string {
  const { pid, start = '' } = identify(process.pid)
  return `ztf-lake-${hostname()}-${pid}-${start}-`
}

/** Removes folders of processes of this host that have ended. */
function removeStale(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, host, pid, start] = NAME.exec(name) ?? []
    if (host !== hostname() || isRunning({ pid: Number(pid), start: start || undefined })) continue
    // In the system's folder, it may be another user's.
    attempt(() => rmSync(join(parent, name), { recursive: true, force: true }))
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {}
}
