import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { freePorts } from './free-ports.ts'
import { S3_ADDRESS, S3_ENV, S3_FOLDER, S3_KEY, S3Bucket } from './s3-bucket.ts'
import { INSTALLED, Server, ServerProcess, sortFiles, type TargetFile } from './server.ts'

/**
 * versitygw, an S3 server that verifies signatures and checksums. It keeps objects as files of a folder, where they are
 * read and changed behind its back: ETags and checksums, which it keeps in attributes of a file, stay as they were.
 */
export class VersityServer extends Server {
  readonly address = S3_ADDRESS
  readonly endpoint: string
  readonly env = S3_ENV
  /** Folder with the files of the target. */
  readonly folder: string
  private readonly bucket: S3Bucket
  private readonly temporary: string | undefined

  private constructor(running: ServerProcess, endpoint: string, root: string, temporary: string | undefined) {
    super(running)
    this.endpoint = endpoint
    this.bucket = new S3Bucket(endpoint)
    this.folder = join(root, S3_FOLDER)
    this.temporary = temporary
  }

  /** @param disk folder for the buckets, e.g. a small disk; default: a temporary folder */
  static async start(disk?: string): Promise<VersityServer> {
    const [port = 0] = await freePorts(1)
    const endpoint = `http://127.0.0.1:${port}`
    const temporary = disk === undefined ? await mkdtemp(join(tmpdir(), 'ztf-lake-versity-')) : undefined
    const root = disk ?? (temporary as string)
    const running = await ServerProcess.start({
      program: join(INSTALLED, 'bin/versitygw'),
      args: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', root],
      env: { ROOT_ACCESS_KEY: S3_KEY.accessKeyId, ROOT_SECRET_KEY: S3_KEY.secretAccessKey },
      isReady: async () => (await fetch(endpoint)).status === 403,
    })
    const server = new VersityServer(running, endpoint, root, temporary)
    await server.bucket.create()
    return server
  }

  async list(): Promise<TargetFile[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    const files = paths.map(async path => ({ path: relative(this.folder, path), bytes: (await stat(path)).size }))
    return sortFiles(await Promise.all(files))
  }

  read(path: string): Promise<Buffer> {
    return readFile(join(this.folder, path))
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true })
    await writeFile(join(this.folder, path), bytes)
  }

  remove(path: string): Promise<void> {
    return rm(join(this.folder, path), { recursive: true })
  }

  unfinishedUploads(): Promise<string[]> {
    return this.bucket.unfinishedUploads()
  }

  override async close(): Promise<void> {
    await super.close()
    if (this.temporary) await rm(this.temporary, { recursive: true, force: true })
  }
}
