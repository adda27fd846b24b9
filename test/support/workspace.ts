import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Paths } from '../../lib/paths.ts'
import { type Archive, startArchive } from './archive.ts'
import { nightOf } from './data-folder.ts'
import { temporaryFolder } from './folder.ts'
import type { SyntheticNight } from './night.ts'
import { type Ran, type Running, type RunOptions, start } from './run.ts'

/** A synthetic archive, and data folders in which the real Makefile works on it. */
export class Workspace {
  readonly folder: string
  readonly archive: Archive
  readonly paths: Paths
  readonly uris: string
  private readonly files: Map<string, Buffer>
  private readonly running = new Set<Running>()
  private lastEnded: Ran | undefined

  private constructor(folder: string, archive: Archive, files: Map<string, Buffer>) {
    this.folder = folder
    this.archive = archive
    this.files = files
    this.paths = new Paths(join(folder, 'data'))
    this.uris = join(folder, 'uris')
  }

  /**
   * Starts the archive; it ends with the test, as do programs that a failed test leaves.
   * @param files texts that the archive serves besides the nights, by name
   */
  static async open(
    t: TestContext,
    nights: readonly SyntheticNight[],
    files: Record<string, string> = {},
  ): Promise<Workspace> {
    const texts = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)] as const)
    const served = new Map([...nights.map(({ name, bytes }) => [name, bytes] as const), ...texts])
    const archive = await startArchive(served)
    const space = new Workspace(await temporaryFolder(t), archive, served)
    t.after(async () => {
      for (const { child } of space.running) child.kill('SIGKILL')
      await archive.close()
    })
    return space
  }

  /** Puts a file into the archive, in place of a former one. */
  publish(name: string, content: string | Buffer): void {
    this.files.set(name, Buffer.from(content))
  }

  /**
   * Runs make with the settings of this workspace; `args` are separated by single spaces. In standard error, advice such as
   * `run make lake` is without the workspace's folders, which it repeats.
   */
  make(args: string, options: RunOptions = {}): Promise<Ran> {
    return this.start(args, options).ran
  }

  /** Runs make like `make`, with arguments that may contain spaces. */
  makeWith(args: readonly string[]): Promise<Ran> {
    return this.startWith(args).ran
  }

  /** Starts make like `make`, without waiting for its end. */
  start(args: string, options: RunOptions = {}): Running {
    return this.startWith(args.split(' '), options)
  }

  private startWith(args: readonly string[], options: RunOptions = {}): Running {
    const { child, ran } = start('make', [...this.settings, ...args], options)
    const folders = ` DATA=${this.paths.data} URIS=${this.uris}`
    return this.track({ child, ran: ran.then(({ err, ...rest }) => ({ ...rest, err: err.replaceAll(folders, '') })) })
  }

  /** Lets `until` and the end of the test know of a program that was started without `start`. */
  track(running: Running): Running {
    this.running.add(running)
    running.ran.then(ran => {
      this.running.delete(running)
      this.lastEnded = ran
    })
    return running
  }

  /**
   * Waits until a condition holds.
   * @throws Error with the output of the last make, if none runs any more and the condition still does not hold
   */
  async until(condition: () => unknown): Promise<void> {
    for (;;) {
      const runs = this.running.size > 0
      if (await condition()) return
      if (!runs) throw new Error(`make ended before the condition held: ${JSON.stringify(this.lastEnded)}`)
      await sleep(20)
    }
  }

  /** The folders and the archive, as arguments of make. */
  get settings(): string[] {
    return [`DATA=${this.paths.data}`, `URIS=${this.uris}`, `ARCHIVE=${this.archive.url}`]
  }

  /** Sorted names of the files requested from the archive since the last call; '' is its index page. */
  asked(): string[] {
    const { pathname } = new URL(this.archive.url)
    return this.archive.requests
      .splice(0)
      .filter(({ method }) => method === 'GET')
      .map(({ url }) => url.slice(pathname.length))
      .sort()
  }

  /** Puts tarballs on disk without a download. */
  async put(...nights: readonly SyntheticNight[]): Promise<void> {
    await mkdir(this.paths.tarballs, { recursive: true })
    for (const { name, bytes } of nights) await writeFile(join(this.paths.tarballs, name), bytes)
  }

  isInLake({ name }: SyntheticNight): boolean {
    return existsSync(this.paths.manifest(nightOf(name)))
  }

  /** Content of a tarball on disk; undefined if there is none. */
  async tarball(name: string): Promise<Buffer | undefined> {
    const path = join(this.paths.tarballs, name)
    return existsSync(path) ? readFile(path) : undefined
  }
}
