import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { GoogleAuth } from 'google-auth-library'
import { parseOptional } from '../core/files.ts'
import { credentialsError, gcsError, gcsMessage, notGcs } from './gcs-errors.ts'
import { md5Of, multipart } from './gcs-upload.ts'
import { connectionError, readAnswer, type Server, send } from './http.ts'
import { translateErrors } from './streams.ts'
import { type Content, type RemoteFile, readBack, type Target, WrongBytes } from './target.ts'

const GOOGLE = 'https://storage.googleapis.com'
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write'
/** Largest page that the server returns. */
const PAGE = '1000'

/** A bucket of Google Cloud Storage, or a prefix in it, accessed through its JSON API. */
export class GcsTarget implements Target {
  readonly address: string
  private readonly bucket: string
  /** Empty, or with a slash at its end. */
  private readonly prefix: string
  private readonly url: string
  private readonly server: Server
  /** Undefined for an emulator, which needs no credentials. */
  private readonly auth: GoogleAuth | undefined

  /**
   * Opens a target; does not connect to it yet.
   * @param address e.g. `gs://bucket/prefix`
   * @param endpoint address of a server other than Google's, or empty; one of http is an emulator
   */
  static async open(address: string, endpoint: string): Promise<GcsTarget> {
    const { STORAGE_EMULATOR_HOST: host = '' } = process.env
    const emulator = endpoint
      ? /^http:/.test(endpoint) && endpoint
      : host && (/^https?:/.test(host) ? host : `http://${host}`)
    if (emulator) return new GcsTarget(address, emulator, undefined)
    // Loaded here, because a bundle would load it at the start of every script.
    const { GoogleAuth } = await import('google-auth-library')
    return new GcsTarget(address, endpoint || GOOGLE, new GoogleAuth({ scopes: SCOPE }))
  }

  private constructor(address: string, url: string, auth: GoogleAuth | undefined) {
    const [, bucket = '', path = ''] = /^gs:\/\/([^/]*)\/?(.*)$/s.exec(address) ?? []
    this.address = address
    this.bucket = bucket
    this.prefix = path ? `${path}/` : ''
    this.url = url.replace(/\/+$/, '')
    this.server = { name: `the server ${this.url}`, hint: url === GOOGLE ? '' : ' (ENDPOINT= sets its address)' }
    this.auth = auth
  }

  async list(folder: string): Promise<RemoteFile[]> {
    const files: RemoteFile[] = []
    const prefix = this.prefix + (folder && `${folder}/`)
    let token: string | undefined
    do {
      const query = {
        prefix,
        maxResults: PAGE,
        fields: 'items(name,size),nextPageToken',
        ...(token && { pageToken: token }),
      }
      const page = await this.readJson<Page>(await this.call('GET', `/storage/v1/b/${this.bucket}/o`, query))
      // The web console marks folders by empty objects.
      for (const { name, size } of page?.items ?? [])
        if (!name.endsWith('/')) files.push({ path: name.slice(this.prefix.length), bytes: Number(size) })
      token = page?.nextPageToken
    } while (token)
    return files
  }

  async get(path: string): Promise<Readable | undefined> {
    const answer = await this.call('GET', this.objectPath(path), { alt: 'media' })
    return answer && translateErrors(answer, error => connectionError(error, this.server))
  }

  /** The server computes the MD5, and refuses other bytes. If its answer does not show this, the file is read back. */
  async put(path: string, content: Content): Promise<void> {
    const md5Hash = await md5Of(path, content)
    const metadata = { name: this.prefix + path, md5Hash }
    const { headers, body } = multipart(path, metadata, content)
    const query = { uploadType: 'multipart', fields: 'md5Hash' }
    const answer = await this.call('POST', `/upload/storage/v1/b/${this.bucket}/o`, query, headers, body)
    const created = await this.readJson<{ md5Hash?: string }>(answer)
    if (created?.md5Hash === md5Hash) return
    await readBack(this, path, content).catch(async error => {
      if (error instanceof WrongBytes) await this.delete(path)
      throw error
    })
  }

  async delete(path: string): Promise<void> {
    const answer = await this.call('DELETE', this.objectPath(path), {})
    if (answer) await readAnswer(answer, this.server)
  }

  private objectPath(path: string): string {
    return `/storage/v1/b/${this.bucket}/o/${encodeURIComponent(this.prefix + path)}`
  }

  /** Sends a request; returns undefined if the object does not exist. */
  private async call(
    method: string,
    path: string,
    query: Record<string, string>,
    headers = {},
    body?: Readable,
  ): Promise<IncomingMessage | undefined> {
    const url = `${this.url}${path}?${new URLSearchParams(query)}`
    const authorized = { ...headers, ...(await this.authorize(url)) }
    const answer = await send(url, { method, headers: authorized, ...(body && { body }) }, this.server)
    if ((answer.statusCode ?? 0) < 300) return answer
    const text = await readAnswer(answer, this.server)
    const isMissing = answer.statusCode === 404 && path.includes('/o/') && !/bucket/i.test(gcsMessage(text))
    if (isMissing) return undefined
    throw gcsError(answer, text, this.address, this.server)
  }

  private async authorize(url: string): Promise<Record<string, string>> {
    if (!this.auth) return {}
    const headers = await this.auth.getRequestHeaders(url).catch(error => {
      throw credentialsError(error, this.address)
    })
    return Object.fromEntries(headers)
  }

  private async readJson<T>(answer: IncomingMessage | undefined): Promise<T | undefined> {
    if (!answer) return undefined
    const parsed = parseOptional<T>(await readAnswer(answer, this.server))
    // An empty list would look like the loss of all files.
    if (!parsed) throw notGcs(this.server)
    return parsed
  }
}

interface Page {
  readonly items?: readonly { readonly name: string; readonly size: string }[]
  readonly nextPageToken?: string
}
