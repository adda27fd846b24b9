import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { TransientError } from '../core/retry.ts'
import { causeOf, SourceError } from './streams.ts'
import { TargetUnusable } from './target.ts'

/** Time without a byte after which a request fails, in ms; up to twice as long if a write was under way. */
export const STALL_MS = 120_000
/** Largest answer that is read as text. A page of 1000 objects has at most 1 MB, a folder of HDFS a few. */
const MAX_TEXT_BYTES = 64 << 20

interface Request {
  readonly method: string
  readonly headers?: http.OutgoingHttpHeaders
  /** Its length is in the headers. */
  readonly body?: Readable
}

/** How messages name a server. */
export interface Server {
  /** E.g. `the WebHDFS server http://namenode:9870`. */
  readonly name: string
  /** Completes the sentence that it cannot be reached, e.g. in parentheses how to give another address; may be empty. */
  readonly hint: string
}

/**
 * Sends a request; returns the answer, whatever its status. Does not use `fetch`, which has no timeout for a transfer that
 * stalls, and fails on the answer `100 Continue` that HDFS sends without being asked.
 * @throws TransientError if the connection fails; an error of the body's source as it is
 */
export async function send(
  url: string,
  { method, headers = {}, body }: Request,
  server: Server,
): Promise<IncomingMessage> {
  const { request: start } = url.startsWith('https:') ? https : http
  let sourceError: unknown
  body?.once('error', error => {
    if (error instanceof SourceError) sourceError = causeOf(error)
  })
  try {
    const request = start(url, { method, headers, timeout: STALL_MS })
    request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
    const answered: Promise<[IncomingMessage]> = once(request, 'response') as Promise<[IncomingMessage]>
    // A server may answer without reading all of the body.
    if (body) pipeline(body, request).catch(() => {})
    else request.end()
    const [answer] = await answered
    // Errors after this are reported to readers of the answer.
    request.on('error', () => {})
    // Not at once, because that closes the connection before all of the answer has arrived.
    if ((answer.statusCode ?? 0) >= 400) answer.once('close', () => body?.destroy())
    return answer
  } catch (error) {
    throw sourceError ?? connectionError(error as Error, server)
  }
}

/** Reads an answer as text. */
export async function readAnswer(answer: IncomingMessage, server: Server): Promise<string> {
  let bytes = 0
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_TEXT_BYTES) answer.destroy(new Error('it is too large'))
  })
  return text(answer).catch(error => {
    throw connectionError(error, server)
  })
}

/** Translates an error of a connection. */
export function connectionError(error: Error, { name, hint }: Server): Error {
  const { code = error.message } = error as NodeJS.ErrnoException
  if (code === 'ENOTFOUND') return new TargetUnusable(`the host name of ${name} cannot be resolved${hint}`)
  if (/CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code))
    return new TargetUnusable(`no secure connection to ${name} is possible (${code})${hint}`)
  if (code === 'EAI_AGAIN') return new TransientError(`the host name of ${name} cannot be resolved at the moment`)
  if (code === 'ECONNREFUSED') return new TransientError(`${name} refuses the connection${hint}`)
  if (/TIMEDOUT|UNREACH/.test(code)) return new TransientError(`${name} does not answer (${code})${hint}`)
  if (code.startsWith('HPE_')) return new TransientError(`${name} does not answer in valid HTTP${hint}`)
  const isCommon = /^(ECONNRESET|EPIPE|ECONNABORTED|aborted)$/.test(code)
  return new TransientError(`${name} has closed the connection${isCommon ? '' : ` (${code})`}`)
}
