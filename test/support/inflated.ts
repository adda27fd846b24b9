import { inflate } from '../../lib/alerts/inflate.js'
import type { inflateDirectly } from '../../lib/alerts/inflate-direct.js'

/** What inflating a file yields: all bytes, the error's code and message, and the number of compressed bytes read. */
export async function inflated(path: string, inflateOnce: typeof inflateDirectly) {
  const chunks: Buffer[] = []
  const progress = { read: 0 }
  let [code, message]: (string | undefined)[] = []
  try {
    for await (const chunk of inflate(path, progress, [], inflateOnce)) chunks.push(Buffer.from(chunk))
  } catch (error) {
    ;({ code, message } = error as NodeJS.ErrnoException)
  }
  return { bytes: Buffer.concat(chunks), code, message, ...progress }
}
