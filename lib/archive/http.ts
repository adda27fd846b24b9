import { TransientError } from '../core/retry.ts'

/** Properties of a file in the archive, from a HEAD response. A property is absent if the server omits its header. */
export interface RemoteFile {
  readonly bytes?: number
  readonly etag?: string
  readonly modified?: string
}

/** Timeout for a whole request, in ms. The index page is 850 kB and normally arrives within seconds. */
const TIMEOUT_MS = 120_000
const MAX_TEXT_BYTES = 64 << 20

const STATUS_MESSAGES: Readonly<Record<number, string>> = {
  401: 'the archive requires a password',
  403: 'the archive denies access',
  404: 'the archive has no such file',
  429: 'the archive receives too many requests',
  503: 'the archive is overloaded',
}
/** Statuses that another attempt may not get. 520 to 524 are those of a proxy that cannot reach the archive. */
const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524])
/** Statuses in response to an unsupported HEAD request. GET may still work. */
const HEAD_UNSUPPORTED = new Set([405, 501])

/** Size, ETag and date of a file, from a HEAD request; empty if the server does not support HEAD. */
export async function probe(url: URL): Promise<RemoteFile> {
  const response = await request(url, 'HEAD')
  if (HEAD_UNSUPPORTED.has(response.status)) return {}
  assertOk(response)
  const { headers } = response
  const [length, etag, modified] = ['content-length', 'etag', 'last-modified'].map(name => headers.get(name))
  return { ...(length && { bytes: Number(length) }), ...(etag && { etag }), ...(modified && { modified }) }
}

export async function readText(url: URL, maxBytes = MAX_TEXT_BYTES): Promise<string> {
  const response = await request(url, 'GET')
  assertOk(response)
  return readLimited(bodyOf(response), maxBytes)
}

/** @throws Error if the text is larger than a listing may be */
export async function readLimited(chunks: AsyncIterable<Uint8Array>, maxBytes = MAX_TEXT_BYTES): Promise<string> {
  const read: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes, too large for a listing`)
    read.push(chunk)
  }
  return Buffer.concat(read).toString()
}

/** Creates the error for an HTTP status. It is a TransientError if another attempt may succeed. */
export function statusError(status: number, retryAfterMs?: number): Error {
  const general = status < 500 ? 'the archive refuses the request' : 'the archive reports a server error'
  const message = `${STATUS_MESSAGES[status] ?? general} (${status})`
  return TRANSIENT_STATUSES.has(status) ? new TransientError(message, { retryAfterMs }) : new Error(message)
}

async function request(url: URL, method: 'GET' | 'HEAD'): Promise<Response> {
  // Disable compression, so that Content-Length is the size of the file.
  const headers = { 'accept-encoding': 'identity' }
  return fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: Error) => {
    throw requestError(error)
  })
}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? []
  } catch (error) {
    throw requestError(error as Error)
  }
}

function assertOk({ ok, status, headers }: Response): void {
  if (!ok) throw statusError(status, parseRetryAfter(headers.get('retry-after')))
}

/** Delay in ms from a `Retry-After` header, which contains seconds or a date; undefined if it is missing or invalid. */
export function parseRetryAfter(text: string | null | undefined): number | undefined {
  if (!text) return undefined
  const delay = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(delay) ? undefined : Math.max(0, delay)
}

/** Translates an error thrown by `fetch`. The error code is in its `cause`. */
function requestError(error: Error): Error {
  const { code = '', message, name } = (error.cause instanceof Error ? error.cause : error) as NodeJS.ErrnoException
  if (message === 'redirect count exceeded') return new Error('the archive redirects in a loop')
  if (message === 'bad port')
    return new Error("Node.js refuses to connect to the port of the archive's address: the archive has to use another")
  if (/URL scheme/.test(message)) return new Error(`the archive redirects to an invalid address (${message})`)
  if (code === 'ENOTFOUND') return new Error("the archive's host name cannot be resolved")
  if (/CERT|TLS|SSL|SIGNATURE/.test(code)) return new Error(`no secure connection to the archive is possible (${code})`)
  if (code === 'EAI_AGAIN') return new TransientError("the archive's host name cannot be resolved at the moment")
  if (code === 'ECONNREFUSED') return new TransientError('the archive refuses the connection')
  if (error.name === 'TimeoutError' || /TIMEOUT|TIMEDOUT/.test(code))
    return new TransientError('the archive did not answer in time')
  if (/HEADERS?_OVERFLOW/.test(code)) return new TransientError('the archive sends too many HTTP headers')
  // Node.js 24 gives this error no code.
  if (code.startsWith('HPE_') || name === 'HTTPParserError')
    return new TransientError('the archive does not answer in valid HTTP')
  const isCommon = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)
  return new TransientError(`the connection failed or was closed${isCommon ? '' : ` (${code || message})`}`)
}
