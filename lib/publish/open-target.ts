import { resolve } from 'node:path'
import { unexpected } from '../setting-values.ts'
import type { Target } from './target.ts'

/**
 * The target of an address. Its module is loaded only if it is used, because the packages of object stores are large.
 * @throws Error if the address is malformed
 */
export async function openTarget(address: string, endpoint: string): Promise<Target> {
  const [, scheme] = /^([a-z0-9]+):\/\//.exec(address) ?? []
  const plain = address.replace(/\/+$/, '')
  if (scheme === 's3') return new (await import('./s3.ts')).S3Target(plain, endpoint)
  if (scheme === 'gs') return new (await import('./gcs.ts')).GcsTarget(plain, endpoint)
  if (scheme === 'hdfs') return new (await import('./hdfs.ts')).HdfsTarget(plain, endpoint)
  if (scheme) throw unexpected(address, 'TO', 'hdfs://host:port/path, s3://bucket/prefix, gs://bucket/prefix or a folder')
  return new (await import('./folder.ts')).FolderTarget(resolve(plain))
}
