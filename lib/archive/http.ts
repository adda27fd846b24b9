import { TransientError } from './retry.ts'

/** What tells one edition of a file in the archive from another; empty where the archive does not tell. */
export interface Probe {
  readonly bytes?: number
  readonly etag?: string
  readonly modified?: string
}

/** How long the archive may take to answer, in ms. Its page has 850 kB and comes within seconds. */
const SLOWEST = 120_000
/** The index page has 850 kB: what is so much larger is none. */
const MOST = 64 << 20

const REASONS: Readonly<Record<number, string>> = {
  401: 'the archive asks for a password',
  403: 'the archive forbids it',
  404: 'the archive has no such file',
  408: 'the archive did not get the request in time',
  410: 'the archive has it no more',
  429: 'the archive is asked too often',
  503: 'the archive is overloaded',
}
const MAY_HEAL = new Set([408, 429, 500, 502, 503, 504])
/** A server that refuses to be asked for a file's size may give the file all the same. */
const NO_HEAD = new Set([405, 501])

/**
 * Asks what the archive has under an address.
 * @returns nothing known where it does not answer such requests
 * @throws Passing, or Error, in half a sentence
 */
export async function probe(url: URL): Promise<Probe> {
  const response = await ask(url, 'HEAD')
  if (NO_HEAD.has(response.status)) return {}
  refuseFailed(response)
  const { headers } = response
  const [length, etag, modified] = ['content-length', 'etag', 'last-modified'].map(name => headers.get(name))
  return { ...(length && { bytes: Number(length) }), ...(etag && { etag }), ...(modified && { modified }) }
}

/**
 * Reads a text of the archive.
 * @param most bytes that it may have
 * @throws Passing, or Error, in half a sentence
 */
export async function readText(url: URL, most = MOST): Promise<string> {
  const response = await ask(url, 'GET')
  refuseFailed(response)
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > most) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw failureOf(error as Error)
  }
  if (bytes > most) throw new Error(`it is larger than ${most} bytes, which is no listing`)
  return Buffer.concat(chunks).toString()
}

/** What an answer of this status means, in half a sentence: to be thrown. */
export function statusError(status: number, after?: number): Error {
  const other = status < 500 ? 'the archive refuses the request' : 'the archive is out of order'
  const message = `${REASONS[status] ?? other} (${status})`
  return MAY_HEAL.has(status) ? new TransientError(message, after) : new Error(message)
}

/** A length counts only where the bytes are sent as they are. */
async function ask(url: URL, method: 'GET' | 'HEAD'): Promise<Response> {
  const headers = { 'accept-encoding': 'identity' }
  return fetch(url, { method, headers, signal: AbortSignal.timeout(SLOWEST) }).catch((error: Error) => {
    throw failureOf(error)
  })
}

function refuseFailed({ ok, status, headers }: Response): void {
  if (!ok) throw statusError(status, retryAfter(headers.get('retry-after')))
}

/** `Retry-After` has seconds or a date; in ms from now. */
function retryAfter(text: string | null): number | undefined {
  if (!text) return undefined
  const pause = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(pause) ? undefined : Math.max(0, pause)
}

/** What fetch throws says little by itself; its cause has a code. */
function failureOf(error: Error): Error {
  const { code = '', message } = (error.cause instanceof Error ? error.cause : error) as NodeJS.ErrnoException
  if (message === 'redirect count exceeded') return new Error('the archive redirects without end')
  if (/URL scheme|bad port/.test(message)) return new Error(`the archive redirects to no web address (${message})`)
  if (code === 'ENOTFOUND') return new Error("the archive's name cannot be resolved")
  if (/CERT|TLS|SSL|SIGNATURE/.test(code)) return new Error(`the archive cannot be trusted (${code})`)
  if (code === 'EAI_AGAIN') return new TransientError("the archive's name cannot be resolved at present")
  if (code === 'ECONNREFUSED') return new TransientError('the archive refuses the connection')
  if (error.name === 'TimeoutError' || /TIMEOUT|TIMEDOUT/.test(code))
    return new TransientError('the archive did not answer in time')
  const known = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)
  return new TransientError(`the connection failed or was cut${known ? '' : ` (${code || message})`}`)
}
