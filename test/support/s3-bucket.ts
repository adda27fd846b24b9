import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import type { TargetFile } from './server.ts'

const REGION = 'us-east-1'
const BUCKET = 'lake'
/** Prefix of the keys of the target. */
const PREFIX = 'ztf/'

export const S3_ADDRESS = `s3://${BUCKET}/ztf`
export const S3_FOLDER = `${BUCKET}/ztf`
export const S3_KEY = { accessKeyId: 'testkey', secretAccessKey: 'testsecret' }
export const S3_ENV = {
  AWS_ACCESS_KEY_ID: S3_KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  AWS_REGION: REGION,
}

/** A client for a server of this host, with the right key by default. */
export function s3Client(endpoint: string, credentials = S3_KEY): S3Client {
  return new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true, maxAttempts: 1 })
}

/** The bucket that a target lies in. Paths are below the target. */
export class S3Bucket {
  private readonly client: S3Client

  constructor(endpoint: string) {
    this.client = s3Client(endpoint)
  }

  async create(): Promise<void> {
    await this.client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  }

  async list(): Promise<TargetFile[]> {
    const files: TargetFile[] = []
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.client },
      { Bucket: BUCKET, Prefix: PREFIX },
    ))
      for (const { Key = '', Size = 0 } of Contents) files.push({ path: Key.slice(PREFIX.length), bytes: Size })
    return files
  }

  async read(path: string): Promise<Buffer> {
    const { Body } = await this.client.send(new GetObjectCommand(at(path)))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.client.send(new PutObjectCommand({ ...at(path), Body: bytes }))
  }

  async remove(path: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(at(path)))
  }

  /** Paths of multipart uploads that were neither completed nor aborted. */
  async unfinishedUploads(): Promise<string[]> {
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: PREFIX }))
    return Uploads.map(({ Key = '' }) => Key.slice(PREFIX.length)).sort()
  }
}

function at(path: string) {
  return { Bucket: BUCKET, Key: PREFIX + path }
}
