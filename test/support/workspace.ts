import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import type { SyntheticNight } from '../synthetic/night.ts'
import { type Archive, startArchive } from '../synthetic/server.ts'
import { temporaryFolder } from './folder.ts'
import { type Ran, type RunOptions, run } from './run.ts'

/** A synthetic archive, and the real Makefile at work on it in folders of their own. */
export class Workspace {
  readonly folder: string
  readonly archive: Archive
  readonly paths: Paths
  readonly uris: string

  private readonly files: Map<string, Buffer>

  private constructor(folder: string, archive: Archive, files: Map<string, Buffer>) {
    this.folder = folder
    this.files = files
    this.archive = archive
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
    const held = new Map([...nights.map(({ name, bytes }) => [name, bytes] as const), ...others])
    const archive = await startArchive(held)
    t.after(() => archive.close())
    return new Workspace(await temporaryFolder(t), archive, held)
  }

  /** Puts a file into the archive, in the place of a former one. */
  publish(name: string, text: string): void {
    this.files.set(name, Buffer.from(text))
  }

  /** Runs make: the target first, then settings and flags. */
  make(args: string, options: RunOptions = {}): Promise<Ran> {
    const settings = [`DATA=${this.paths.data}`, `URIS=${this.uris}`, `ARCHIVE=${this.archive.url}`]
    return run('make', [...settings, ...args.split(' ')], options)
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
