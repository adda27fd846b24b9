import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/** A file to state the sum of. */
export interface Summed {
  name: string
  open(): Readable
}

const ABSOLUTE = '/epyc/data/ztf/alerts/public/'

/**
 * The archive's MD5SUMS: whole paths and bare names mixed, a comment, and a line of an older upload of the first file,
 * which its later line replaces.
 */
export async function md5Sums(files: readonly Summed[]): Promise<string> {
  const sums = await Promise.all(files.map(async file => ({ name: file.name, sum: await md5(file.open()) })))
  const older = sums.slice(0, 1).map(({ name }) => line('0123456789abcdef0123456789abcdef', `${ABSOLUTE}${name}`))
  const right = sums.map(({ name, sum }, index) => line(sum, index % 2 ? `${ABSOLUTE}${name}` : name))
  return ['# md5 of what was uploaded\n', ...older, ...right].join('')
}

function line(sum: string, path: string): string {
  return `${sum}  ${path}\n`
}

async function md5(stream: Readable): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
