import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { describeError } from '../core/errors.ts'
import { clipboard } from '../core/shell.ts'
import { readText } from './http.ts'
import { type ListedFile, parseListing, withMd5 } from './listing.ts'
import { RETRY_POLICY, type RetryPolicy, retry, TransientError } from './retry.ts'

/**
 * Reads the archive's listing: its index page and MD5SUMS, or the source that the user gives instead.
 *
 * @param source a file, `-` for standard input, `clipboard`, or empty for the archive itself
 * @param notify called with lines for the user: delays before a retry, missing checksums
 * @throws Error if the listing cannot be read completely
 */
export async function fetchListing(
  archive: URL,
  source: string,
  notify: (line: string) => void,
  policy: RetryPolicy = RETRY_POLICY,
): Promise<ListedFile[]> {
  if (source) return parseListing(await readSource(source), archive)
  const read: Reader = url => retry(() => readText(url), { policy, onWait: line => notify(`${url}: ${line}`) })
  const page = await readPage(archive, read)
  return withMd5(page, await readChecksums(page, new URL('MD5SUMS', archive), read, notify))
}

type Reader = (url: URL) => Promise<string>

async function readSource(source: string): Promise<string> {
  if (source === '-') return text(process.stdin)
  if (source === 'clipboard') return clipboard()
  return readFile(source, 'utf8').catch((error: Error) => {
    throw new Error(`cannot read LISTING=${source}: ${describeError(error, source)}`)
  })
}

async function readPage(archive: URL, read: Reader): Promise<ListedFile[]> {
  try {
    return parseListing(await read(archive), archive)
  } catch (error) {
    throw new Error(`cannot read ${archive}: ${(error as Error).message}; nothing was changed`)
  }
}

/** Content of MD5SUMS; empty if it is missing or useless, since nights can be listed without checksums. */
async function readChecksums(
  page: readonly ListedFile[],
  url: URL,
  read: Reader,
  notify: (line: string) => void,
): Promise<string> {
  const withoutChecksums = (reason: string) => {
    notify(`no new checksums, keeping the known ones: ${url} ${reason}`)
    return ''
  }
  if (!page.some(({ name }) => name === 'MD5SUMS')) return withoutChecksums('is not listed')
  try {
    const sums = await read(url)
    return withMd5(page, sums).some(({ md5 }) => md5) ? sums : withoutChecksums('contains no listed file')
  } catch (error) {
    const { message } = error as Error
    // After a transient error, a later run can list the checksums too. Without them, downloads would not be verified.
    if (error instanceof TransientError) throw new Error(`cannot read ${url}: ${message}; nothing was changed`)
    return withoutChecksums(`cannot be read: ${message}`)
  }
}
