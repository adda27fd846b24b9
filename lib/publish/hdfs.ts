import type { IncomingMessage } from 'node:http'
import { userInfo } from 'node:os'
import { posix } from 'node:path'
import { Readable } from 'node:stream'
import { parseOptional } from '../core/files.ts'
import { type HdfsChecksum, SentChecksums } from './hdfs-checksum.ts'
import { hdfsError, type RemoteException } from './hdfs-errors.ts'
import { connectionError, readAnswer, type Server, send } from './http.ts'
import { openSource, translateErrors } from './streams.ts'
import { type Content, type RemoteFile, readBack, type Target, temporaryPath, WrongBytes } from './target.ts'
import { type Entry, pathIn, walk } from './walk.ts'

/** Port of a name node's web server, which serves WebHDFS. */
const DEFAULT_PORT = 9870

/** An operation of WebHDFS with its parameters. */
type Query = Readonly<Record<string, string>> & { readonly op: string }

/** A folder of HDFS, accessed through WebHDFS. */
export class HdfsTarget implements Target {
  readonly address: string
  /** Absolute path in HDFS, without a slash at its end. */
  private readonly root: string
  private readonly api: string
  private readonly server: Server

  /**
   * @param address e.g. `hdfs://namenode:8020/ztf`
   * @param endpoint address of WebHDFS, e.g. `http://namenode:9870`; empty for the default port of the address's host
   */
  constructor(address: string, endpoint: string) {
    const [, host = '', root = ''] = /^hdfs:\/\/([^/]*)(.*)$/s.exec(address) ?? []
    const url = endpoint.replace(/\/+$/, '') || `http://${host.replace(/:\d+$/, '')}:${DEFAULT_PORT}`
    this.address = address
    this.root = root
    this.api = `${url}/webhdfs/v1`
    this.server = { name: `the WebHDFS server ${url}`, hint: ' (ENDPOINT= sets its address)' }
  }

  async list(folder: string): Promise<RemoteFile[]> {
    return walk(folder, path => this.entriesOf(path))
  }

  async get(path: string): Promise<Readable | undefined> {
    const answer = await this.call('GET', path, { op: 'OPEN' })
    return answer && translateErrors(answer, error => connectionError(error, this.server))
  }

  /**
   * Sends a file, and compares the checksum that HDFS keeps of it with that of the bytes sent. Reads the file back if HDFS
   * has a checksum of another kind, e.g. because it encrypts files.
   */
  async put(path: string, content: Content): Promise<void> {
    const temporary = temporaryPath(path)
    const sent = new SentChecksums(content.bytes)
    const body = Readable.from(sent.through(openSource(path, content)), { objectMode: false, highWaterMark: 1 << 20 })
    await this.write(await this.create(temporary), body, content.bytes)
    if (sent.sha256() !== content.sha256) throw new WrongBytes(`the local copy of ${path} has another SHA-256`)
    const stored = parseOptional<{ FileChecksum?: HdfsChecksum }>(
      await this.callText('GET', temporary, { op: 'GETFILECHECKSUM' }),
    )
    if (!stored?.FileChecksum || !sent.match(stored.FileChecksum)) await readBack(this, temporary, content)
    await this.move(temporary, path)
  }

  async delete(path: string): Promise<void> {
    const answer = await this.call('DELETE', path, { op: 'DELETE', recursive: 'true' })
    if (answer) await readAnswer(answer, this.server)
  }

  async move(from: string, to: string): Promise<void> {
    await this.callText('PUT', posix.dirname(to), { op: 'MKDIRS' })
    const query = { op: 'RENAME', destination: `${this.root}/${to}`, renameoptions: 'OVERWRITE' }
    const text = await this.callText('PUT', from, query)
    // HttpFS ignores the option and returns whether it has renamed. It would move a folder into an empty one.
    if (text) throw hdfsError(this.address, 501, { message: 'RENAME does not support renameoptions' })
    if (text === undefined && !(await this.exists(to)))
      throw new Error(`${this.address}/${from} does not exist, and cannot be renamed to ${to}`)
  }

  private async exists(path: string): Promise<boolean> {
    return (await this.callText('GET', path, { op: 'GETFILESTATUS' })) !== undefined
  }

  private async entriesOf(folder: string): Promise<Entry[]> {
    const text = await this.callText('GET', folder, { op: 'LISTSTATUS' })
    if (text === undefined) return []
    const statuses = parseOptional<Listing>(text)?.FileStatuses?.FileStatus
    // An empty list would look like the loss of all files.
    if (!statuses) throw hdfsError(this.address, 200)
    return statuses.map(({ pathSuffix, type, length }) => {
      const path = pathSuffix ? pathIn(folder, pathSuffix) : folder
      return { path, bytes: length, isFolder: type === 'DIRECTORY' }
    })
  }

  /** Creates an empty file; returns the address of the data node that takes its bytes. */
  private async create(path: string): Promise<string> {
    const answer = await this.call('PUT', path, { op: 'CREATE', overwrite: 'true', noredirect: 'true' })
    const text = answer && (await readAnswer(answer, this.server))
    // Servers that do not know `noredirect` redirect.
    const location = parseOptional<{ Location: string }>(text)?.Location ?? answer?.headers.location
    if (!location) throw hdfsError(this.address, answer?.statusCode ?? 404)
    return location
  }

  /** Sends a file's bytes to a data node. */
  private async write(location: string, body: Readable, bytes: number): Promise<void> {
    const headers = { 'content-length': bytes, 'content-type': 'application/octet-stream' }
    const node = dataNode(location)
    const answer = await send(location, { method: 'PUT', headers, body }, node)
    const text = await readAnswer(answer, node)
    if (answer.statusCode !== 201) throw this.errorOf(answer, text)
  }

  /** Calls an operation; returns its answer as text, or undefined if the file does not exist. */
  private async callText(method: string, path: string, query: Query): Promise<string | undefined> {
    const answer = await this.call(method, path, query)
    return answer && readAnswer(answer, this.server)
  }

  /** Calls an operation; returns undefined if the file does not exist. */
  private async call(method: string, path: string, query: Query): Promise<IncomingMessage | undefined> {
    const user = process.env.HADOOP_USER_NAME || userInfo().username
    const encoded = `${this.root}/${path}`.split('/').map(encodeURIComponent).join('/').replace(/\/$/, '')
    const url = `${this.api}${encoded}?${new URLSearchParams({ ...query, 'user.name': user })}`
    const first = await send(url, { method }, this.server)
    const { location } = first.headers
    const isRedirect = method === 'GET' && first.statusCode === 307 && location
    if (isRedirect) first.resume()
    const answer = isRedirect ? await send(location, { method }, dataNode(location)) : first
    if ((answer.statusCode ?? 0) < 400) return answer
    const text = await readAnswer(answer, this.server)
    if (exceptionIn(text)?.exception === 'FileNotFoundException') return undefined
    throw this.errorOf(answer, text)
  }

  private errorOf({ statusCode = 0, headers }: IncomingMessage, text: string): Error {
    return hdfsError(this.address, statusCode, exceptionIn(text), headers['www-authenticate'])
  }
}

function exceptionIn(text: string): RemoteException | undefined {
  return parseOptional<{ RemoteException?: RemoteException }>(text)?.RemoteException
}

function dataNode(location: string): Server {
  return { name: `the data node ${new URL(location).origin}`, hint: '' }
}

interface Listing {
  readonly FileStatuses?: {
    readonly FileStatus: readonly { pathSuffix: string; type: 'FILE' | 'DIRECTORY'; length: number }[]
  }
}
