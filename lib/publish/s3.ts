import type { Readable } from 'node:stream'
import type { S3, S3ClientConfig } from '@aws-sdk/client-s3'
import { STALL_MS } from './http.ts'
import { type S3Error, s3Error } from './s3-errors.ts'
import { causeOf, openSource, SourceError, translateErrors } from './streams.ts'
import { type Content, type RemoteFile, readBack, type Target, WrongBytes } from './target.ts'

/** A bucket of S3, or of any server that speaks its protocol, or a prefix in it. */
export class S3Target implements Target {
  readonly address: string
  private readonly client: S3
  private readonly bucket: string
  /** Empty, or with a slash at its end. */
  private readonly prefix: string
  private readonly endpoint: string

  /**
   * Opens a target; does not connect to it yet.
   * @param address e.g. `s3://bucket/prefix`
   * @param endpoint address of a server other than Amazon's, or empty
   */
  static async open(address: string, endpoint: string): Promise<S3Target> {
    // The SDK warns about Node.js 20 when it is loaded.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
    // Loaded here, because a bundle would load it at the start of every script.
    const sdk = await import('@aws-sdk/client-s3')
    return new S3Target(address, endpoint, new sdk.S3(configuration(endpoint)))
  }

  private constructor(address: string, endpoint: string, client: S3) {
    const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(address) ?? []
    this.address = address
    this.endpoint = endpoint
    this.client = client
    this.bucket = bucket
    this.prefix = path ? `${path}/` : ''
  }

  async list(folder: string): Promise<RemoteFile[]> {
    const files: RemoteFile[] = []
    const Prefix = this.prefix + (folder && `${folder}/`)
    let token: string | undefined
    do {
      const request = { Bucket: this.bucket, Prefix, ContinuationToken: token }
      const page = await this.client.listObjectsV2(request).catch(this.fail)
      // Some programs mark folders by empty objects.
      for (const { Key = '', Size = 0 } of page.Contents ?? [])
        if (!Key.endsWith('/')) files.push({ path: Key.slice(this.prefix.length), bytes: Size })
      token = page.NextContinuationToken
    } while (token)
    return files
  }

  async get(path: string): Promise<Readable | undefined> {
    const found = await this.client.getObject(this.key(path)).catch((error: S3Error) => {
      return error.name === 'NoSuchKey' ? undefined : this.fail(error)
    })
    return found && translateErrors(found.Body as Readable, this.translate)
  }

  /** The server computes the SHA-256, and refuses other bytes. If its answer does not show this, the file is read back. */
  async put(path: string, content: Content): Promise<void> {
    const checksum = Buffer.from(content.sha256, 'hex').toString('base64')
    const body = openSource(path, content)
    const failed = new AbortController()
    // The SDK ignores errors of the body, and would wait for the rest of it.
    body.once('error', error => failed.abort(error))
    const request = { ...this.key(path), Body: body, ContentLength: content.bytes, ChecksumSHA256: checksum }
    const answer = await this.client
      .putObject(request, { abortSignal: failed.signal })
      .catch(error => {
        const { reason } = failed.signal
        if (reason instanceof SourceError) throw causeOf(reason)
        throw s3Error(error, `${this.address}/${path}`, this.endpoint)
      })
      .finally(() => body.destroy())
    if (answer.ChecksumSHA256 === checksum) return
    await readBack(this, path, content).catch(async error => {
      if (error instanceof WrongBytes) await this.delete(path)
      throw error
    })
  }

  async delete(path: string): Promise<void> {
    await this.client.deleteObject(this.key(path)).catch(this.fail)
  }

  private key(path: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.prefix + path }
  }

  private readonly translate = (error: S3Error): Error => s3Error(error, this.address, this.endpoint)

  private readonly fail = (error: S3Error): never => {
    throw this.translate(error)
  }
}

function configuration(endpoint: string): S3ClientConfig {
  // The caller limits the number of requests, and one that waits for a socket would time out.
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
  const silent = () => {}
  const common: S3ClientConfig = {
    maxAttempts: 1,
    // Checksums other than the SHA-256 of the manifest would cost time and prove less.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 30_000, socketTimeout: STALL_MS, httpAgent: agent, httpsAgent: agent },
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  }
  if (!endpoint) return common
  return { ...common, endpoint, region: signingRegion(), forcePathStyle: true }
}

/** Servers other than Amazon's have no regions, but the signature needs one. */
export function signingRegion(): string {
  return process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1'
}
