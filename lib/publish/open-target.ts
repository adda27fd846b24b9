import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folder, unexpected } from '../setting-values.ts'
import { FolderTarget } from './folder.ts'
import { GcsTarget } from './gcs.ts'
import { HdfsTarget } from './hdfs.ts'
import { S3Target } from './s3.ts'
import type { Target } from './target.ts'

const EXPECTED = 'hdfs://host:port/path, s3://bucket/prefix, gs://bucket/prefix or a folder'

/**
 * Opens the target of an address. Paths in addresses are literal, so that `%20` is not a space, except in those of
 * `file:`, which are URLs.
 * @param endpoint address of the server; empty for the usual one
 * @param name the address's setting, for messages
 * @throws Error if the address is malformed
 */
export async function openTarget(address: string, endpoint: string, name = 'TO'): Promise<Target> {
  checkEndpoint(endpoint)
  const [, scheme, host = '', path = ''] = /^(s3|gs|hdfs):\/\/([^/]*)(.*)$/s.exec(address) ?? []
  if (!scheme) return new FolderTarget(folderOf(address, name))
  checkServer(address, { scheme, host, path, endpoint, name })
  const plain = `${scheme}://${host}${path.replace(/\/+$/, '')}`
  if (scheme === 's3') return S3Target.open(plain, endpoint)
  return scheme === 'gs' ? GcsTarget.open(plain, endpoint) : new HdfsTarget(plain, endpoint)
}

function folderOf(address: string, name: string): string {
  const isOther = /^(s3a?|gs|hdfs):|^(?!file:)[\w+.-]+:\/\//.test(address)
  if (!address || isOther) throw address.includes('@') ? secret(name) : unexpected(address, name, EXPECTED)
  if (/^(s3|gs|hdfs)\/\//.test(address)) throw unexpected(address, name, `${EXPECTED}: is a colon missing?`)
  // The shell does not replace it inside quotes, nor after NAME=.
  if (address.startsWith('~')) throw unexpected(address, name, 'the whole path of a folder instead of ~')
  try {
    const path = resolve(folder(/^file:/.test(address) ? fileURLToPath(address) : address, name))
    if (path !== '/') return path
  } catch (error) {
    throw error instanceof TypeError ? unexpected(address, name, 'file:///path') : error
  }
  throw unexpected(address, name, 'a folder for the lake, such as /mnt/lake')
}

interface Parts {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly endpoint: string
  readonly name: string
}

function checkServer(address: string, { scheme, host, path, endpoint, name }: Parts): void {
  const isBucket = scheme !== 'hdfs'
  // A secret key may contain slashes, so that its `@` is in the path.
  if (host.includes('@') || (address.includes('@') && host.includes(':') && !/:\d+$/.test(host))) throw secret(name)
  if (isBucket && !/^[a-z0-9][\w.-]{2,}$/.test(host))
    throw unexpected(address, name, `a bucket's name, as in ${scheme}://bucket/prefix`)
  // An address without a host is that of a cluster's default file system.
  if (!isBucket && !(host ? URL.canParse(`http://${host}`) : endpoint)) throw unexpected(address, name, EXPECTED)
  if (/\/\/|\/\.\.?(\/|$)/.test(path.replace(/\/+$/, ''))) throw unexpected(address, name, 'a path without //, . or ..')
}

function checkEndpoint(endpoint: string): void {
  if (/^[^/]*\/\/[^/]*@/.test(endpoint)) throw secret('ENDPOINT')
  if (endpoint && !(/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)))
    throw unexpected(endpoint, 'ENDPOINT', 'an http or https address')
}

/** Error which does not show the value, because it may contain a password. */
function secret(name: string): Error {
  return new Error(`${name} contains a user name or a password: expected an address without them`)
}
