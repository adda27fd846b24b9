import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { INSTALLED, request, Server, ServerProcess, sortFiles, type TargetFile } from './server.ts'

const BUCKET = 'lake'
/** Prefix of the names of the target's objects. */
const PREFIX = 'ztf/'

/** A page of https://cloud.google.com/storage/docs/json_api/v1/objects/list. */
interface ObjectsPage {
  readonly items?: readonly { readonly name: string; readonly size: string }[]
  readonly nextPageToken?: string
}

/** fake-gcs-server, which keeps objects in memory, and verifies checksums but no credentials. */
export class GcsServer extends Server {
  readonly address = `gs://${BUCKET}/ztf`
  readonly endpoint: string
  readonly env = {}

  private constructor(running: ServerProcess, endpoint: string) {
    super(running)
    this.endpoint = endpoint
  }

  static async start(): Promise<GcsServer> {
    const [port = 0] = await freePorts(1)
    const host = `127.0.0.1:${port}`
    const endpoint = `http://${host}`
    const running = await ServerProcess.start({
      program: join(INSTALLED, 'bin/fake-gcs-server'),
      // It serves paths of the XML API, /BUCKET/NAME, only if the Host header is the public host.
      args: [
        '-backend',
        'memory',
        '-scheme',
        'http',
        '-host',
        '127.0.0.1',
        '-port',
        String(port),
        '-public-host',
        host,
      ],
      isReady: async () => (await fetch(`${endpoint}/_internal/healthcheck`)).ok,
    })
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ name: BUCKET })
    await request(`${endpoint}/storage/v1/b?project=test`, { method: 'POST', headers, body })
    return new GcsServer(running, endpoint)
  }

  async list(): Promise<TargetFile[]> {
    const files: TargetFile[] = []
    let token = ''
    do {
      const url = `${this.endpoint}/storage/v1/b/${BUCKET}/o?prefix=${PREFIX}&pageToken=${encodeURIComponent(token)}`
      const { items = [], nextPageToken = '' } = (await (await request(url)).json()) as ObjectsPage
      files.push(...items.map(({ name, size }) => ({ path: name.slice(PREFIX.length), bytes: Number(size) })))
      token = nextPageToken
    } while (token)
    return sortFiles(files)
  }

  async read(path: string): Promise<Buffer> {
    return Buffer.from(await (await request(`${this.url(path)}?alt=media`)).arrayBuffer())
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const name = encodeURIComponent(PREFIX + path)
    const url = `${this.endpoint}/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=${name}`
    await request(url, { method: 'POST', body: bytes })
  }

  async remove(path: string): Promise<void> {
    await request(this.url(path), { method: 'DELETE' })
  }

  private url(path: string): string {
    return `${this.endpoint}/storage/v1/b/${BUCKET}/o/${encodeURIComponent(PREFIX + path)}`
  }
}
