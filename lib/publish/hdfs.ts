import { userInfo } from 'node:os'
import { dirname, posix } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { mapLimit } from '../core/files.ts'
import { TransientError } from '../core/retry.ts'
import { type Content, type RemoteFile, readBack, type Target, TargetUnusable } from './target.ts'

/** Port of a name node's web server, which WebHDFS uses, if ENDPOINT does not give its address. */
const DEFAULT_PORT = 9870
const TIMEOUT_MS = 120_000

/** A folder of HDFS, through WebHDFS, which name nodes and HttpFS gateways serve. */
export class HdfsTarget implements Target {
  readonly address: string
  private readonly base: string

  /**
   * @param address e.g. `hdfs://namenode:8020/ztf`
   * @param endpoint address of WebHDFS, e.g. `http://namenode:9870`; empty for the default port of the address's host
   */
  constructor(address: string, endpoint: string) {
    const { hostname, pathname } = new URL(address)
    this.address = address
    this.base = `${endpoint || `http://${hostname}:${DEFAULT_PORT}`}/webhdfs/v1${pathname.replace(/\/$/, '')}`
  }

  async list(folder: string): Promise<RemoteFile[]> {
    const answer = await this.call('GET', folder, { op: 'LISTSTATUS' })
    if (!answer) return []
    const { FileStatuses } = (await answer.json()) as { FileStatuses: { FileStatus: Status[] } }
    const below = await mapLimit(FileStatuses.FileStatus, async ({ pathSuffix, type, length }) => {
      const path = pathSuffix ? `${folder}/${pathSuffix}` : folder
      return type === 'DIRECTORY' ? this.list(path) : [{ path, bytes: length }]
    })
    return below.flat()
  }

  async get(path: string): Promise<Readable | undefined> {
    const answer = await this.call('GET', path, { op: 'OPEN' })
    return answer && Readable.fromWeb((answer.body ?? new Blob().stream()) as ReadableStream)
  }

  /** Writes the file under another name, reads it back, and renames it. */
  async put(path: string, content: Content): Promise<void> {
    const temporary = posix.join(dirname(path), `_${posix.basename(path)}.part`)
    const answer = await this.call('PUT', temporary, { op: 'CREATE', overwrite: 'true', noredirect: 'true' })
    const { Location } = (await answer?.json()) as { Location: string }
    await this.write(Location, content)
    await readBack(this, temporary, content)
    await this.move(temporary, path)
  }

  async delete(path: string): Promise<void> {
    await this.call('DELETE', path, { op: 'DELETE', recursive: 'true' })
  }

  async move(from: string, to: string): Promise<void> {
    await this.call('PUT', posix.dirname(to), { op: 'MKDIRS' })
    const destination = new URL(`${this.base}/${to}`).pathname.replace('/webhdfs/v1', '')
    await this.call('PUT', from, { op: 'RENAME', destination, renameoptions: 'OVERWRITE' })
  }

  /**
   * Sends a file's bytes to the data node at this address. Not by `fetch`, which does not accept the answer `100 Continue`
   * that data nodes give without being asked.
   */
  private async write(location: string, content: Content): Promise<void> {
    const headers = { 'content-length': content.bytes }
    const request = http.request(location, { method: 'PUT', headers, timeout: TIMEOUT_MS })
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>
    request.on('timeout', () => request.destroy(new Error('it did not answer in time')))
    try {
      const [[answer]] = await Promise.all([answered, pipeline(content.open(), request)])
      const reason = await text(answer)
      if (answer.statusCode !== 201) throw this.errorOf(answer.statusCode ?? 0, remoteException(reason))
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall ? this.unreachable(error as Error) : error
    }
  }

  /** Calls an operation; returns undefined if the file does not exist. */
  private async call(method: string, path: string, query: Record<string, string>): Promise<Response | undefined> {
    const user = process.env.HADOOP_USER_NAME || userInfo().username
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    const parameters = new URLSearchParams({ ...query, 'user.name': user })
    return this.send(`${this.base}/${encoded}?${parameters}`, { method })
  }

  private async send(url: string, init: RequestInit): Promise<Response | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(url, { ...init, signal }).catch((error: Error) => {
      const { code = '', message } = (error.cause instanceof Error ? error.cause : error) as NodeJS.ErrnoException
      throw new TransientError(`the server of ${this.address} cannot be reached (${code || message})`)
    })
    if (answer.ok) return answer
    const text = await answer.text()
    const { exception = '', message = '' } = remoteException(text)
    if (exception === 'FileNotFoundException') return undefined
    throw this.errorOf(answer.status, exception, message.split('\n')[0] ?? '')
  }

  private errorOf(status: number, exception: string, message: string): Error {
    const where = `HDFS at ${this.address}`
    if (/Quota/.test(exception)) return new TargetUnusable(`${where} is full: ${message}`)
    if (/AccessControl|Security|Authoriz/.test(exception) || status === 401)
      return new TargetUnusable(`${where} denies access (${exception || status}): ${message}`)
    if (/could only be written to|Standby/.test(message + exception))
      return new TransientError(`${where} cannot take files at the moment: ${message}`)
    if (/Retriable|SafeMode/.test(exception) || status >= 500)
      return new TransientError(`${where} reports an error (${exception || status}): ${message}`)
    return new Error(`${where} refuses the request (${exception || status}): ${message}`)
  }
}

function remoteException(text: string): { exception?: string; message?: string } {
  try {
    return JSON.parse(text).RemoteException ?? {}
  } catch {
    return {}
  }
}

interface Status {
  readonly pathSuffix: string
  readonly type: 'FILE' | 'DIRECTORY'
  readonly length: number
}
