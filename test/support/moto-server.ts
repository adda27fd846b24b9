import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { S3_ADDRESS, S3_ENV, S3Bucket } from './s3-bucket.ts'
import { INSTALLED, Server, ServerProcess, sortFiles, type TargetFile } from './server.ts'

/** moto, an S3 server in memory that verifies neither signatures nor checksums. */
export class MotoServer extends Server {
  readonly address = S3_ADDRESS
  readonly endpoint: string
  readonly env = S3_ENV
  private readonly bucket: S3Bucket

  private constructor(running: ServerProcess, endpoint: string) {
    super(running)
    this.endpoint = endpoint
    this.bucket = new S3Bucket(endpoint)
  }

  static async start(): Promise<MotoServer> {
    const [port = 0] = await freePorts(1)
    const endpoint = `http://127.0.0.1:${port}`
    const running = await ServerProcess.start({
      program: join(INSTALLED, 'python/bin/moto_server'),
      args: ['-H', '127.0.0.1', '-p', String(port)],
      isReady: async () => (await fetch(`${endpoint}/moto-api/`)).ok,
    })
    const server = new MotoServer(running, endpoint)
    await server.bucket.create()
    return server
  }

  async list(): Promise<TargetFile[]> {
    return sortFiles(await this.bucket.list())
  }

  read(path: string): Promise<Buffer> {
    return this.bucket.read(path)
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return this.bucket.write(path, bytes)
  }

  remove(path: string): Promise<void> {
    return this.bucket.remove(path)
  }

  unfinishedUploads(): Promise<string[]> {
    return this.bucket.unfinishedUploads()
  }
}
