import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { listen } from '../../lib/synthetic/server.ts'
import { parseRange } from './range.ts'

export interface HttpFolder {
  readonly url: string
  /** Requests so far, as `METHOD PATH`. */
  readonly requests: string[]
}

/** Serves the files of a folder until the end of the test, with ranges. Like an object store, it lists no folders. */
export async function serveFolder(t: TestContext, folder: string): Promise<HttpFolder> {
  const requests: string[] = []
  const server = await listen(async ({ method, url = '/', headers }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
    requests.push(`${method} ${path}`)
    const bytes = await readFile(join(folder, path)).catch(() => undefined)
    const range = bytes && parseRange(headers.range, bytes.length)
    if (!bytes || range === null) return void response.writeHead(bytes ? 416 : 404).end()
    const { start, end } = range ?? { start: 0, end: bytes.length }
    response.writeHead(range ? 206 : 200, {
      ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` }),
      'Content-Length': end - start,
      'Accept-Ranges': 'bytes',
    })
    response.end(method === 'HEAD' ? undefined : bytes.subarray(start, end))
  })
  t.after(server.close)
  return { url: new URL(server.url).origin, requests }
}
