import { createReadStream } from 'node:fs'
import { describeError } from '../core/errors.ts'
import { RETRY_POLICY, type RetryPolicy, retry, TransientError } from '../core/retry.ts'
import { clipboard } from '../core/shell.ts'
import { readLimited, readText } from './http.ts'
import { type ListedFile, parseListing, withMd5 } from './listing.ts'

/**
 * Reads the archive's listing from its index page and MD5SUMS, or from a source given by the user.
 *
 * @param source a file, `-` for standard input, `clipboard`, or empty for the archive itself
 * @param notify called with lines for the user about retry delays and missing checksums
 * @throws Error if the listing cannot be read completely
 */
export async function fetchListing(
  archive: URL,
  source: string,
  notify: (line: string) => void,
  policy: RetryPolicy = RETRY_POLICY,
): Promise<ListedFile[]> {
  if (source) return parseListing(await readSource(source), archive)
  const read = (url: URL) => retry(() => readText(url), { policy, onWait: line => notify(`${url}: ${line}`) })
  const readPage = async () => parseListing(await read(archive), archive)
  const page = await readPage().catch((error: Error) => {
    const { message } = unreadable(archive, error)
    throw new Error(`${message}: if a browser can open the page, save it and set LISTING= to the file`)
  })
  return addChecksums(page, new URL('MD5SUMS', archive), read, notify)
}

async function readSource(source: string): Promise<string> {
  if (source === 'clipboard') return clipboard()
  return readLimited(source === '-' ? process.stdin : createReadStream(source)).catch((error: Error) => {
    throw new Error(`cannot read LISTING=${source}: ${describeError(error, source)}`)
  })
}

/** Adds the checksums from MD5SUMS. Notifies the user if MD5SUMS is unavailable or lists none of these files. */
async function addChecksums(
  page: readonly ListedFile[],
  url: URL,
  read: (url: URL) => Promise<string>,
  notify: (line: string) => void,
): Promise<ListedFile[]> {
  const text = await read(url).catch((error: Error) => error)
  // Fail on a transient error, because downloads cannot be verified without checksums. A later run may succeed.
  if (text instanceof TransientError) throw unreadable(url, text)
  const listing = withMd5(page, text instanceof Error ? '' : text)
  if (!listing.some(({ md5 }) => md5)) {
    const reason = text instanceof Error ? `cannot be read: ${text.message}` : 'contains no listed file'
    notify(`no new checksums, keeping the known ones: ${url} ${reason}`)
  }
  return listing
}

function unreadable(url: URL, { message }: Error): Error {
  return new Error(`cannot read ${url}: ${message}; nothing was changed`)
}
