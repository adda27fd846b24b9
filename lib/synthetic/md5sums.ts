import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

export interface HashedFile {
  name: string
  open(): Readable
}

const FOLDER = '/epyc/data/ztf/alerts/public/'

/**
 * MD5SUMS as the archive has it: a comment, and lines with absolute paths or bare names. The first file has an outdated
 * line too, before the right one.
 */
export async function md5Sums(files: readonly HashedFile[]): Promise<string> {
  const sums = await Promise.all(files.map(async file => ({ name: file.name, sum: await md5(file.open()) })))
  const outdated = sums.slice(0, 1).map(({ name }) => line('0123456789abcdef0123456789abcdef', `${FOLDER}${name}`))
  const current = sums.map(({ name, sum }, index) => line(sum, index % 2 ? `${FOLDER}${name}` : name))
  return ['# md5 of what was uploaded\n', ...outdated, ...current].join('')
}

function line(sum: string, path: string): string {
  return `${sum}  ${path}\n`
}

async function md5(stream: Readable): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
