import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { listen } from '../../lib/synthetic/server.ts'

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string | number>
  readonly body?: string | Buffer
  /** Closes the connection instead of answering. */
  readonly drop?: boolean
}

/** Serves answers until the end of the test; returns its address and the requests so far. */
export async function serve(
  t: TestContext,
  answer: (asked: Asked) => Answer | Promise<Answer>,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = await listen(async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const one = {
      method: request.method ?? '',
      url,
      headers: request.headers,
      body: await buffer(request).catch(() => Buffer.alloc(0)),
    }
    asked.push(one)
    const { status = 200, headers = {}, body = '', drop } = await answer(one)
    if (drop) return void request.socket.destroy()
    response.writeHead(status, headers).end(body)
  })
  t.after(server.close)
  return { url: new URL(server.url).origin, asked }
}
