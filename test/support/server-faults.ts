import type { TestContext } from 'node:test'
import { type Fault, type FaultyProxy, type ProxiedRequest, startFaultyProxy } from './faulty-proxy.ts'
import type { Address } from './place.ts'

/** A fault of the first request that matches; the request is written as `METHOD PATH`, without escapes. */
export type SingleFault = readonly [request: RegExp, fault: Fault]

/** The answer never arrives, although the server has done what it was asked for. */
export const LOST: Fault = { cutResponseAfter: 0 }

/** Error response of HDFS. */
export function remoteException(status: number, exception: string, message: string): Fault {
  return { status, body: JSON.stringify({ RemoteException: { exception, message } }) }
}

/** Error response of S3. */
export function s3Fault(status: number, code: string): Fault {
  return { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>a fault</Message></Error>` }
}

/** Error response of GCS. */
export function gcsFault(status: number, reason: string, message: string): Fault {
  return { status, body: JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }) }
}

/** A fault of each request of a kind, while nights of the test lake are replaced by their other revisions. */
export const SINGLE_FAULTS: Record<string, readonly SingleFault[]> = {
  HDFS: [
    [/^GET .*\/lake\?op=LISTSTATUS/, remoteException(403, 'RetriableException', 'Server is too busy')],
    [/^GET .*\/candidates\?op=LISTSTATUS/, remoteException(403, 'StandbyException', 'not supported in state standby')],
    [/^GET .*\/ztf_public_20191003\.json\?op=OPEN/, { status: 503 }],
    [/^GET \/@.*\/ztf_public_20210401\.json\?op=OPEN/, { cutResponseAfter: 100 }],
    [/^PUT \/web.*20191003-\w+-0000\.parquet\.part\?op=CREATE/, { status: 429 }],
    [/^PUT \/@.*20191003-\w+-0001\.parquet\.part\?op=CREATE/, { cutRequestAfter: 1000 }],
    [/^PUT \/@.*20191003-\w+-0002\.parquet\.part\?op=CREATE/, LOST],
    [/^PUT .*20191003-\w+-0003\.parquet\.part\?op=RENAME/, LOST],
    [
      /^PUT \/@.*20210401-\w+-0000\.parquet\.part\?op=CREATE/,
      remoteException(403, 'IOException', 'Unable to close file'),
    ],
    [/^GET \/@.*20210401-\w+-0001\.parquet\.part\?op=GETFILECHECKSUM/, { cutResponseAfter: 50 }],
    [/^DELETE .*\/day=03\/ztf_public_20191003-/, LOST],
    [/^PUT .*\/day=01\?op=RENAME/, LOST],
    [/^PUT .*\/_staging\/ztf_public_20210401\?op=RENAME/, LOST],
    [/^PUT .*\/_staging\/ztf_public_20191003\/.*\?op=RENAME/, LOST],
    [/^PUT .*\/candidates\/year=2021\/month=04\/day=01\?op=MKDIRS/, LOST],
    [/^PUT .*-ztf_public_20210401\.json\.part\?op=RENAME/, LOST],
    [/^PUT .*\/_staging\/index-_inputs\.json\.part\?op=CREATE/, { status: 500 }],
  ],
  S3: [
    [/^GET .*list-type=2.*prefix=ztf\/lake\//, s3Fault(503, 'SlowDown')],
    [/^GET .*list-type=2.*prefix=ztf\/candidates\//, { cutResponseAfter: 100 }],
    [/^GET .*\/ztf_public_20191003\.json/, s3Fault(500, 'InternalError')],
    [/^GET .*\/ztf_public_20210401\.json/, { cutResponseAfter: 100 }],
    [/^PUT .*\/lake\/.*20191003-\w+-0000\.parquet/, s3Fault(503, 'SlowDown')],
    [/^PUT .*\/lake\/.*20191003-\w+-0001\.parquet/, { cutRequestAfter: 1000 }],
    [/^PUT .*\/lake\/.*20191003-\w+-0002\.parquet/, LOST],
    [/^PUT .*\/lake\/.*20210401-\w+-0000\.parquet/, s3Fault(500, 'InternalError')],
    [/^PUT .*\/lake\/.*20210401-\w+-0001\.parquet/, { status: 429 }],
    [/^DELETE .*\/lake\/.*20191003-/, LOST],
    [/^PUT .*\/candidates\/.*20210401\.parquet/, { cutRequestAfter: 1000 }],
    [/^PUT .*\/ztf_public_20210401\.json/, LOST],
    [/^PUT .*\/index\/_inputs\.json/, { status: 503, body: '<html>Service Unavailable</html>' }],
  ],
  GCS: [
    [/^GET .*\/o\?prefix=ztf\/lake\//, gcsFault(503, 'backendError', 'Backend Error')],
    [/^GET .*\/o\?prefix=ztf\/candidates\//, { cutResponseAfter: 100 }],
    [/^GET .*\/ztf_public_20191003\.json/, gcsFault(500, 'internalError', 'Internal Error')],
    [/^GET .*\/ztf_public_20210401\.json/, { cutResponseAfter: 100 }],
    // The name of an uploaded object is in the body: these are the first three uploads, which begin at the same time.
    [/^POST \/upload\//, gcsFault(429, 'rateLimitExceeded', 'The rate limit was exceeded')],
    [/^POST \/upload\//, { cutRequestAfter: 1000 }],
    [/^POST \/upload\//, LOST],
    [/^DELETE .*\/lake\/.*20191003-/, LOST],
  ],
}

/** Applies each fault once. `left` has those that no request has matched yet. */
export function once(faults: readonly SingleFault[]) {
  const left = new Set(faults)
  const fault = (request: ProxiedRequest) => {
    const found = [...left].find(([pattern]) => pattern.test(lineOf(request)))
    if (found) left.delete(found)
    return found?.[1]
  }
  return { left, fault }
}

/** The request as `METHOD PATH`, without escapes. */
export function lineOf({ method, url }: ProxiedRequest): string {
  return `${method} ${decodeURIComponent(url)}`
}

/** The same place behind a faulty proxy, which is closed after the test. */
export async function proxied(
  t: TestContext,
  { address, endpoint, env }: Address,
  fault: (request: ProxiedRequest) => Fault | undefined,
): Promise<Address & Pick<FaultyProxy, 'requests'>> {
  const proxy = await startFaultyProxy(endpoint, { fault, rewriteLocation: true })
  t.after(proxy.close)
  return { address, env, endpoint: proxy.endpoint, requests: proxy.requests }
}
