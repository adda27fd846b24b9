import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folder, unexpected } from '../setting-values.ts'
import { FolderTarget } from './folder.ts'
import { GcsTarget } from './gcs.ts'
import { HdfsTarget } from './hdfs.ts'
import { S3Target } from './s3.ts'
import type { Target } from './target.ts'

const EXPECTED = 'hdfs://host/path, s3://bucket/prefix, gs://bucket/prefix or a folder'

/**
 * Opens the target of an address. Paths in addresses are literal, so that `%20` is not a space, except in those of
 * `file:`, which are URLs.
 * @param endpoint address of the server; empty for the usual one
 * @param name the address's setting, for messages
 * @throws Error if the address is malformed
 */
export async function openTarget(address: string, endpoint: string, name = 'TO'): Promise<Target> {
  checkEndpoint(endpoint)
  const [, scheme = '', host = '', path = ''] = /^(\w[\w+.-]*):\/\/([^/]*)(.*)$/s.exec(address) ?? []
  // Do not show the address, because it may contain a password.
  if (scheme && host.includes('@'))
    throw new Error(`${name} contains a user name or a password: expected an address without them`)
  const plain = `${scheme}://${host}${path.replace(/\/+$/, '')}`
  if (/\/\/|\/\.\.?(\/|$)/.test(plain.slice(scheme.length + 3)))
    throw unexpected(address, name, 'a path without //, . or ..')
  if (scheme === 's3' || scheme === 'gs') {
    if (!/^[a-z0-9][\w.-]{2,}$/.test(host))
      throw unexpected(address, name, `a bucket's name, as in ${scheme}://bucket/prefix`)
    return scheme === 's3' ? S3Target.open(plain, endpoint) : GcsTarget.open(plain, endpoint)
  }
  if (scheme === 'hdfs') {
    if (!URL.canParse(`http://${host}`)) throw unexpected(address, name, EXPECTED)
    return new HdfsTarget(plain, endpoint)
  }
  return new FolderTarget(folderOf(address, scheme, name))
}

function folderOf(address: string, scheme: string, name: string): string {
  if (!address || (scheme && scheme !== 'file') || /^(s3a?|gs|hdfs):/.test(address))
    throw unexpected(address, name, EXPECTED)
  try {
    return resolve(folder(/^file:/.test(address) ? fileURLToPath(address) : address, name))
  } catch (error) {
    throw error instanceof TypeError ? unexpected(address, name, 'file:///path') : error
  }
}

function checkEndpoint(endpoint: string): void {
  if (/^[^/]*\/\/[^/]*@/.test(endpoint))
    throw new Error('ENDPOINT contains a user name or a password: expected an address without them')
  if (endpoint && !(/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)))
    throw unexpected(endpoint, 'ENDPOINT', 'an http or https address')
}
