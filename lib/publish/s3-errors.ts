import { TransientError } from '../core/retry.ts'
import { connectionError } from './http.ts'
import { TargetUnusable, WrongBytes } from './target.ts'

/** Error of the SDK. Its name is the server's error code. */
export interface S3Error extends Error {
  /** Error code of a failed connection. */
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number }
}

const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/
const DENIED =
  /^(AccessDenied|AllAccessDisabled|AccountProblem|InvalidAccessKeyId|\w*UserNotFound|SignatureDoesNotMatch|ExpiredToken|InvalidToken)$/
const CLOCK = /^(RequestTimeTooSkewed|RequestExpired)$/
const OTHER_REGION = /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/
const FULL = /Quota|InsufficientStorage|Storage\w*Full|DiskFull|NoSpace/i
const OTHER_BYTES = /^(BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch)$/
const TRANSIENT =
  /^(SlowDown|Busy|RequestTimeout|IncompleteBody|InternalError|ServiceUnavailable|OperationAborted|Throttling\w*)$/

/** Creates the error for an error of the SDK. */
export function s3Error(error: S3Error, address: string, endpoint: string): Error {
  const { name, message, $metadata, $response } = error
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const hint = endpoint ? ' (ENDPOINT= sets its address)' : ''
  const server = { name: endpoint ? `the S3 server ${endpoint}` : 'Amazon S3', hint }
  if (NO_CREDENTIALS.test(name)) return new TargetUnusable(withoutCredentials(message, address))
  if (/Region is missing/.test(message))
    return new TargetUnusable(
      `the region of ${address} is unknown: set AWS_REGION to it, or ENDPOINT= for another server`,
    )
  if (status === undefined) return connectionError(asSystemError(error), server)
  return errorOfAnswer(error, status, address, server.name)
}

function errorOfAnswer({ name, message }: S3Error, status: number, address: string, server: string): Error {
  if (OTHER_BYTES.test(name)) return new WrongBytes(`${address} has received other bytes than expected (${name})`)
  if (CLOCK.test(name))
    return new TargetUnusable(`${server} refuses requests, because its clock and this computer's differ: set the clock`)
  if (OTHER_REGION.test(name))
    return new TargetUnusable(`the bucket of ${address} is in another region: set AWS_REGION to it`)
  if (name === 'NoSuchBucket') return new TargetUnusable(`there is no bucket of ${address}: create it first`)
  if (FULL.test(name) || status === 507)
    return new TargetUnusable(
      `${server} is full (${name}) and refuses ${address}: free some space, or raise its quota, then run this again`,
    )
  if (DENIED.test(name) || status === 401 || status === 403)
    return new TargetUnusable(`${address} denies access (${name}): check the credentials, and what they allow`)
  if (TRANSIENT.test(name) || status >= 500 || status === 429 || status === 408)
    return new TransientError(`${server} reports an error (${isCode(name) ? `${name}, ` : ''}${status})`)
  // The SDK could not read the answer, or it has none of the codes of S3.
  if (!isCode(name) || /Deserialization error/.test(message))
    return new TargetUnusable(
      `${server} does not speak the protocol of S3 (status ${status}): set ENDPOINT= to the address of one that does`,
    )
  return new Error(`${server} refuses a request for ${address} (${name}, ${status}): ${message}`)
}

function withoutCredentials(message: string, address: string): string {
  const reason = /any providers/.test(message) ? '' : ` (${message.split('\n')[0]?.replace(/\.$/, '')})`
  return (
    `there are no credentials for ${address}${reason}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ` +
    'or AWS_PROFILE to a profile in ~/.aws/credentials'
  )
}

/** Whether a name is an error code of S3, and not of an error in the SDK. */
function isCode(name: string): boolean {
  return !/^(Error|TypeError|SyntaxError|UnknownError|Unknown|NotFound|\d+)$/.test(name)
}

/** The SDK's own timeouts have a name and no code; it gives the same name to closed connections. */
function asSystemError(error: S3Error): Error {
  return error.name === 'TimeoutError' && !error.code
    ? Object.assign(new Error(error.message), { code: 'ETIMEDOUT' })
    : error
}
