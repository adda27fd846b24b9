import type { Readable } from 'node:stream'
import { S3, type S3ClientConfig } from '@aws-sdk/client-s3'
import { TransientError } from '../core/retry.ts'
import { type Content, type RemoteFile, readBack, type Target, TargetUnusable, WrongBytes } from './target.ts'

/** Error codes of S3 and of servers that speak its protocol. */
const DENIED = /^(AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|CredentialsProviderError)$/
const FULL = /Quota|InsufficientStorage|StorageFull|NoSpace/i
const OTHER_BYTES = /^(BadDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch|IncompleteBody)$/
const TRANSIENT = /^(SlowDown|RequestTimeout|RequestTimeTooSkewed|InternalError|ServiceUnavailable|Throttling\w*)$/

interface S3Error extends Error {
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** A bucket of S3, or of any server that speaks its protocol, or a prefix in it. */
export class S3Target implements Target {
  readonly address: string
  private readonly client: S3
  private readonly bucket: string
  /** Empty, or with a slash at its end. */
  private readonly prefix: string

  /**
   * @param address e.g. `s3://bucket/prefix`
   * @param endpoint address of a server other than Amazon's
   */
  constructor(address: string, endpoint: string) {
    const { host, pathname } = new URL(address)
    this.address = address
    this.bucket = host
    this.prefix = pathname.length > 1 ? `${pathname.slice(1)}/` : ''
    this.client = new S3(configuration(endpoint))
  }

  async list(folder: string): Promise<RemoteFile[]> {
    const files: RemoteFile[] = []
    let token: string | undefined
    do {
      const request = { Bucket: this.bucket, Prefix: `${this.prefix}${folder}/`, ContinuationToken: token }
      const page = await this.client.listObjectsV2(request).catch(this.translate)
      for (const { Key = '', Size = 0 } of page.Contents ?? [])
        files.push({ path: Key.slice(this.prefix.length), bytes: Size })
      token = page.NextContinuationToken
    } while (token)
    return files
  }

  async get(path: string): Promise<Readable | undefined> {
    const found = await this.client.getObject(this.key(path)).catch((error: S3Error) => {
      if (error.name === 'NoSuchKey') return undefined
      return this.translate(error)
    })
    return found?.Body as Readable | undefined
  }

  /** The server computes the SHA-256, and refuses other bytes. If its answer does not show this, the file is read back. */
  async put(path: string, content: Content): Promise<void> {
    const checksum = Buffer.from(content.sha256, 'hex').toString('base64')
    const Body = content.open()
    const request = { ...this.key(path), Body, ContentLength: content.bytes, ChecksumSHA256: checksum }
    const answer = await this.client.putObject(request).catch(this.translate).finally(() => Body.destroy())
    if (answer.ChecksumSHA256 !== checksum) await readBack(this, path, content)
  }

  async delete(path: string): Promise<void> {
    await this.client.deleteObject(this.key(path)).catch(this.translate)
  }

  private key(path: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.prefix + path }
  }

  private readonly translate = (error: S3Error): never => {
    const { name, message, $metadata } = error
    const status = $metadata?.httpStatusCode
    const where = `the server of ${this.address}`
    if (OTHER_BYTES.test(name)) throw new WrongBytes(`${where} has received other bytes than were sent (${name})`)
    if (DENIED.test(name) || status === 401 || status === 403)
      throw new TargetUnusable(`${where} denies access (${name}): check the credentials, and what they allow`)
    if (name === 'NoSuchBucket') throw new TargetUnusable(`there is no bucket ${this.bucket}: create it first`)
    if (FULL.test(name) || status === 507) throw new TargetUnusable(`${this.address} is full (${name})`)
    if (TRANSIENT.test(name) || status === undefined || status >= 500 || status === 429)
      throw new TransientError(`${where} reports an error (${status ? `${name}, ${status}` : message})`)
    throw new Error(`${where} refuses the request (${name}, ${status}): ${message}`)
  }
}

function configuration(endpoint: string): S3ClientConfig {
  const common: S3ClientConfig = {
    maxAttempts: 1,
    // Checksums other than the SHA-256 of the manifest would cost time and prove less.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  }
  if (!endpoint) return common
  // Servers other than Amazon's have no regions, but the signature needs one.
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1'
  return { ...common, endpoint, region, forcePathStyle: true }
}
