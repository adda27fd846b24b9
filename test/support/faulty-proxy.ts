import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../lib/synthetic/server.ts'

export interface ProxiedRequest {
  readonly method: string
  /** Path and query; preceded by `/@HOST:PORT` if the request goes to a server that a redirect named. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
}

interface Answer {
  readonly status: number
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** What the proxy does to a request instead of passing it on, or before. */
export type Fault =
  | Answer
  /** Cuts the connection after this many bytes of the request's body, or at its end: the server sees it cut as well. */
  | { readonly cutRequestAfter: number }
  /** Cuts the connection after this many bytes of the response's body, or at its end: 0 loses the whole response. */
  | { readonly cutResponseAfter: number }
  | { readonly delayMs: number }

interface ProxyOptions {
  /** Fault of a request; undefined passes it on unchanged. `count` is the number of requests before it. */
  readonly fault: (request: ProxiedRequest, count: number) => Fault | undefined
  /** Sends redirected requests, e.g. to data nodes of HDFS, through the proxy too; also if the address is in JSON. */
  readonly rewriteLocation?: boolean
}

export interface FaultyProxy {
  /** URL to use instead of the server's. */
  readonly endpoint: string
  /** Requests so far, as `METHOD URL`. */
  readonly requests: string[]
  close(): Promise<void>
}

/**
 * Starts a proxy in front of a server. It keeps the Host header, which S3's signatures cover, so that clients sign requests
 * for the proxy and servers verify them.
 */
export async function startFaultyProxy(server: string, options: ProxyOptions): Promise<FaultyProxy> {
  const requests: string[] = []
  const { url, close } = await listen(async (incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming
    const fault = options.fault({ method, url, headers }, requests.length)
    requests.push(`${method} ${url}`)
    // A cut connection, of either side, ends the other side too.
    await answer(server, incoming, response, fault, options).catch(() => response.destroy())
  })
  return { endpoint: new URL(url).origin, requests, close }
}

async function answer(
  server: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  { rewriteLocation = false }: ProxyOptions,
): Promise<void> {
  if (fault && 'status' in fault) return answerWith(fault, incoming, response)
  if (fault && 'delayMs' in fault) await sleep(fault.delayMs)
  const outgoing = forward(server, incoming)
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  const sent = pipeline(incoming, cut(fault && 'cutRequestAfter' in fault ? fault.cutRequestAfter : Infinity), outgoing)
  const [answer] = await Promise.race([answered, sent.then(() => answered)])
  const own = rewriteLocation ? `http://${incoming.headers.host}` : undefined
  const isLocation = own !== undefined && incoming.url?.includes('noredirect=true')
  const json = isLocation ? (await text(answer)).replace('"http://', `"${own}/@`) : undefined
  response.sendDate = false
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headersOf(answer, own, json))
  const body = json === undefined ? answer : Readable.from([Buffer.from(json)])
  await pipeline(body, cut(fault && 'cutResponseAfter' in fault ? fault.cutResponseAfter : Infinity), response)
}

async function answerWith({ status, headers, body }: Answer, incoming: IncomingMessage, response: ServerResponse) {
  // A client that is still sending its body would see a reset connection instead of the status.
  incoming.resume()
  await once(incoming, 'end')
  response.writeHead(status, headers).end(body)
}

/** Starts a request like `incoming`, to the server, or to one that `/@HOST:PORT` names. */
function forward(server: string, { method, url = '/', rawHeaders }: IncomingMessage) {
  const [, host, path = url] = /^\/@([^/]+)(\/.*)$/.exec(url) ?? []
  const { hostname, port } = new URL(host ? `http://${host}` : server)
  return request({ hostname, port, method, path, headers: rawHeaders, setHost: false, agent: false })
}

/** Headers of a response; a redirect leads to the proxy at `own`, if given, and `json` replaces the body. */
function headersOf({ rawHeaders }: IncomingMessage, own: string | undefined, json: string | undefined): string[] {
  if (own === undefined) return rawHeaders
  return rawHeaders.map((text, i) => {
    const name = i % 2 === 1 ? rawHeaders[i - 1]?.toLowerCase() : ''
    if (name === 'content-length' && json !== undefined) return String(Buffer.byteLength(json))
    return name === 'location' ? text.replace(/^http:\/\//, `${own}/@`) : text
  })
}

/** Passes on this many bytes, then fails; fails at the end if there are fewer. */
function cut(bytes: number): Transform {
  let left = bytes
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const passed = chunk.subarray(0, left)
      left -= passed.length
      this.push(passed)
      // Leave the bytes the time to be sent.
      if (left > 0) done()
      else setTimeout(() => done(new Error('cut')), 20)
    },
    flush(done) {
      done(bytes === Infinity ? null : new Error('cut'))
    },
  })
}
