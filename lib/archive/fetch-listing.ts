import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { describeError } from '../core/errors.ts'
import { clipboard } from '../core/shell.ts'
import { readText } from './http.ts'
import { type ListedFile, parseListing, withMd5 } from './listing.ts'
import { RETRY_POLICY, type RetryPolicy, retry, TransientError } from './retry.ts'

type Notice = (line: string) => void

/**
 * The archive's listing: from its index page and its MD5SUMS, or from what the user names instead.
 *
 * @param listing a file, `-` for standard input, `clipboard`, or empty for the archive itself
 * @param notice is told what the user is to know besides: why it takes longer, and that there are no checksums
 * @throws Error in one sentence where it cannot be had whole
 */
export async function fetchListing(
  archive: URL,
  listing: string,
  notice: Notice,
  patience: RetryPolicy = RETRY_POLICY,
): Promise<ListedFile[]> {
  if (listing) return parseListing(await given(listing), archive)
  const page = await readPage(archive, notice, patience)
  return withMd5(page, await readSums(page, new URL('MD5SUMS', archive), notice, patience))
}

async function given(listing: string): Promise<string> {
  if (listing === '-') return text(process.stdin)
  if (listing === 'clipboard') return clipboard()
  return readFile(listing, 'utf8').catch((error: Error) => {
    throw new Error(`LISTING is '${listing}', which cannot be read: ${describeError(error, listing)}`)
  })
}

async function readPage(archive: URL, notice: Notice, patience: RetryPolicy): Promise<ListedFile[]> {
  try {
    return parseListing(await read(archive, notice, patience), archive)
  } catch (error) {
    throw new Error(`${archive} cannot be read: ${(error as Error).message}; nothing was changed`)
  }
}

/** Without MD5SUMS the nights can be listed all the same; the checksums known so far stay. */
async function readSums(page: readonly ListedFile[], url: URL, notice: Notice, patience: RetryPolicy): Promise<string> {
  const without = (why: string) => {
    notice(`no checksums this time, those known so far stay: ${url} ${why}`)
    return ''
  }
  if (!page.some(({ name }) => name === 'MD5SUMS')) return without('is not listed')
  try {
    const sums = await read(url, notice, patience)
    return withMd5(page, sums).some(({ md5 }) => md5) ? sums : without('names no file that is listed')
  } catch (error) {
    const why = `cannot be read: ${(error as Error).message}`
    // What may heal is waited for: nights that are listed meanwhile would be fetched unchecked.
    if (error instanceof TransientError) throw new Error(`${url} ${why}; nothing was changed`)
    return without(why)
  }
}

async function read(url: URL, notice: Notice, patience: RetryPolicy): Promise<string> {
  return retry(
    patience,
    line => notice(`${url}: ${line}`),
    () => readText(url),
  )
}
