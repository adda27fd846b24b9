import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import type { SyntheticNight } from '../../lib/synthetic/night.ts'
import { type Archive, startArchive } from '../../lib/synthetic/server.ts'
import { temporaryFolder } from './folder.ts'
import { type Ran, type Running, type RunOptions, start } from './run.ts'

/** A synthetic archive, and the real Makefile at work on it in folders of their own. */
export class Workspace {
  readonly folder: string
  readonly archive: Archive
  private readonly files: Map<string, Buffer>
  readonly paths: Paths
  readonly uris: string

  private constructor(folder: string, archive: Archive, files: Map<string, Buffer>) {
    this.folder = folder
    this.files = files
    this.archive = archive
    this.files = files
    this.paths = new Paths(join(folder, 'data'))
    this.uris = join(folder, 'uris')
  }

  /** @param files what the archive holds besides the nights */
  static async open(
    t: TestContext,
    nights: readonly SyntheticNight[],
    files: Record<string, string> = {},
  ): Promise<Workspace> {
    const others = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)] as const)
    const served = new Map([...nights.map(({ name, bytes }) => [name, bytes] as const), ...others])
    const archive = await startArchive(served)
    t.after(() => archive.close())
    return new Workspace(await temporaryFolder(t), archive, served)
  }

  /** Puts a file into the archive, in the place of a former one. */
  publish(name: string, content: string | Buffer): void {
    this.files.set(name, Buffer.from(content))
  }

  /** Runs make: the target first, then settings and flags. */
  make(args: string, options: RunOptions = {}): Promise<Ran> {
    return this.start(args, options).ran
  }

  /** Starts make likewise. */
  start(args: string, options: RunOptions = {}): Running {
    return start('make', [...this.settings, ...args.split(' ')], options)
  }

  /** What make is told of the folders and the archive. */
  get settings(): string[] {
    return [`DATA=${this.paths.data}`, `URIS=${this.uris}`, `ARCHIVE=${this.archive.url}`]
  }

  /** Names of the files got from the archive since the last time this was called; '' is its page. */
  asked(): string[] {
    const { pathname } = new URL(this.archive.url)
    return this.archive.requests
      .splice(0)
      .filter(({ method }) => method === 'GET')
      .map(({ url }) => url.slice(pathname.length))
      .sort()
  }

  /** A tarball on disk; undefined where it is not there. */
  async tarball(name: string): Promise<Buffer | undefined> {
    const path = join(this.paths.tarballs, name)
    return existsSync(path) ? readFile(path) : undefined
  }
}
