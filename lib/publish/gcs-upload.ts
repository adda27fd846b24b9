import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { causeOf, openSource } from './streams.ts'
import { type Content, WrongBytes } from './target.ts'

/**
 * MD5 of the source of a copy, in base64. Google's servers verify this, but no SHA-256.
 * @throws WrongBytes if the SHA-256 is not as expected, because the MD5 would then be that of wrong bytes
 */
export async function md5Of(path: string, content: Content): Promise<string> {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')]
  try {
    for await (const chunk of openSource(path, content)) {
      sha256.update(chunk)
      md5.update(chunk)
    }
  } catch (error) {
    throw causeOf(error)
  }
  const found = sha256.digest('hex')
  if (found !== content.sha256)
    throw new WrongBytes(`the local copy of ${path} has the SHA-256 ${found}, expected ${content.sha256}`)
  return md5.digest('base64')
}

/** Headers and body of a request that uploads an object with its metadata. */
export function multipart(
  path: string,
  metadata: object,
  content: Content,
): { headers: Record<string, string>; body: Readable } {
  const boundary = randomUUID()
  const part = (type: string) => `--${boundary}\r\ncontent-type: ${type}\r\n\r\n`
  const head = `${part('application/json; charset=utf-8')}${JSON.stringify(metadata)}\r\n${part('application/octet-stream')}`
  const tail = `\r\n--${boundary}--\r\n`
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(head)
    yield* openSource(path, content)
    yield Buffer.from(tail)
  }
  const bytes = Buffer.byteLength(head) + content.bytes + tail.length
  return {
    headers: { 'content-type': `multipart/related; boundary=${boundary}`, 'content-length': `${bytes}` },
    body: Readable.from(body(), { objectMode: false, highWaterMark: 1 << 20 }),
  }
}
