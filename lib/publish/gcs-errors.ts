import type { IncomingMessage } from 'node:http'
import { parseRetryAfter } from '../archive/http.ts'
import { parseOptional } from '../core/files.ts'
import { TransientError } from '../core/retry.ts'
import { connectionError, type Server } from './http.ts'
import { TargetUnusable, WrongBytes } from './target.ts'

const LOGIN = 'run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a key file'
const RATE_LIMIT = /rateLimitExceeded/i

interface Failure {
  readonly error?: { readonly message?: string; readonly errors?: readonly { readonly reason?: string }[] }
}

/** Message of the server in an answer that is an error; the answer's text if it is short and not JSON. */
export function gcsMessage(text: string): string {
  const short = text.length < 200 && !text.startsWith('<') ? text.trim() : ''
  return (parseOptional<Failure>(text)?.error?.message ?? short).split('\n')[0] ?? ''
}

/** Creates the error for an answer with the status of an error. */
export function gcsError(
  { statusCode = 0, headers }: IncomingMessage,
  text: string,
  address: string,
  server: Server,
): Error {
  const message = gcsMessage(text)
  const reason = parseOptional<Failure>(text)?.error?.errors?.[0]?.reason ?? ''
  const shown = message ? `${statusCode}, ${message}` : statusCode
  const isTransient = statusCode >= 500 || statusCode === 429 || statusCode === 408 || RATE_LIMIT.test(reason)
  if (isTransient) {
    const retryAfterMs = parseRetryAfter(headers['retry-after'])
    return new TransientError(`${server.name} reports an error (${shown})`, { retryAfterMs })
  }
  if (statusCode === 400 && /MD5|hash|CRC32C/i.test(message))
    return new WrongBytes(`${address} has received other bytes than expected (${message})`)
  if (statusCode === 403 && /quota/i.test(reason))
    return new TargetUnusable(`the quota of ${address} is used up (${shown}): raise it, then run this again`)
  if (statusCode === 401 || statusCode === 403)
    return new TargetUnusable(`${address} denies access (${shown}): check the credentials, and what they allow`)
  if (statusCode === 404) return new TargetUnusable(`there is no bucket of ${address}: create it first`)
  return new Error(`${server.name} refuses a request for ${address} (${shown})`)
}

/** Creates the error for an error of google-auth-library. */
export function credentialsError(error: Error & { status?: number; code?: string | number }, address: string): Error {
  const { message, status = 0, code } = error
  if (/Could not load the default credentials/.test(message))
    return new TargetUnusable(`there are no credentials for ${address}: ${LOGIN}`)
  const isConnection = typeof code === 'string' && /^(E[A-Z_]+|UND_\w+)$/.test(code) && code !== 'ENOENT'
  if (isConnection) return connectionError(error, { name: "Google's authorization server", hint: '' })
  const reason = message.split('\n')[0]?.replace(/[.:]$/, '')
  if (status >= 500 || status === 429)
    return new TransientError(`Google's authorization server reports an error (${status}, ${reason})`)
  return new TargetUnusable(`the credentials for ${address} cannot be used (${reason}): ${LOGIN}`)
}

/** Creates the error for an answer that is not in JSON. */
export function notGcs({ name, hint }: Server): Error {
  return new TargetUnusable(`${name} does not speak the protocol of Google Cloud Storage${hint}`)
}
