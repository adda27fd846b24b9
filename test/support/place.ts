import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './folder.ts'
import { GcsServer } from './gcs-server.ts'
import { HdfsServer } from './hdfs-server.ts'
import { MotoServer } from './moto-server.ts'
import { type Ran, type Running, type RunOptions, start } from './run.ts'
import { type Server, sortFiles, type TargetFile } from './server.ts'
import { VersityServer } from './versity-server.ts'

/** A place to publish to: the target of a server, or a folder. */
export type Place = Pick<Server, 'address' | 'endpoint' | 'env' | 'list' | 'read' | 'write' | 'remove' | 'corrupt'>

/** Starts each kind of place, which ends with the test. */
export const PLACES: Record<string, (t: TestContext) => Promise<Place>> = {
  HDFS: async t => closing(t, await HdfsServer.start()),
  'S3 (versitygw)': async t => closing(t, await VersityServer.start()),
  'S3 (moto)': async t => closing(t, await MotoServer.start()),
  GCS: async t => closing(t, await GcsServer.start()),
  'a folder': async t => new FolderPlace(join(await temporaryFolder(t), 'published')),
}

/** Closes a server after the test. */
export function closing<T extends Server>(t: TestContext, server: T): T {
  t.after(() => server.close())
  return server
}

/** Runs make with the place as TO or AT, as a user would. */
export function makeAt(place: Address, data: string, args: readonly string[]): Promise<Ran> {
  return startAt(place, data, args).ran
}

/** Starts make like `makeAt`, without waiting for its end. */
export function startAt(
  { address, endpoint, env }: Address,
  data: string,
  [target = '', ...args]: readonly string[],
  options: RunOptions = {},
): Running {
  const name = target === 'check' ? 'AT' : 'TO'
  const settings = [`${name}=${address}`, `ENDPOINT=${endpoint}`, `DATA=${data}`]
  return start('make', [target, ...settings, ...args], { ...options, env })
}

/** Values of TO= and ENDPOINT=, and environment variables with the credentials. */
export type Address = Pick<Place, 'address' | 'endpoint' | 'env'>

export class FolderPlace implements Place {
  readonly address: string
  readonly endpoint = ''
  readonly env = {}

  constructor(folder: string) {
    this.address = folder
  }

  async list(): Promise<TargetFile[]> {
    const entries = await readdir(this.address, { recursive: true, withFileTypes: true }).catch(() => [])
    const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    const files = paths.map(async path => ({ path: relative(this.address, path), bytes: (await stat(path)).size }))
    return sortFiles(await Promise.all(files))
  }

  async read(path: string): Promise<Buffer> {
    return readFile(join(this.address, path))
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(join(this.address, path)), { recursive: true })
    await writeFile(join(this.address, path), bytes)
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.address, path))
  }

  async corrupt(path: string): Promise<void> {
    const bytes = await this.read(path)
    const middle = bytes.length >> 1
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle)
    await this.write(path, bytes)
  }
}
