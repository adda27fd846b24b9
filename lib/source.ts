import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { sentenceOf } from './faults.ts'
import { type Listed, parseListing, withMd5 } from './listing.ts'
import { clipboard } from './shell.ts'

/** How long the archive may take to answer, in ms. Its page has 850 kB and comes within seconds. */
const PATIENCE = 120_000

/**
 * The archive's listing: from its index page and its MD5SUMS, or from what the user names instead.
 *
 * @param listing a file, `-` for standard input, `clipboard`, or empty for the archive itself
 * @throws Error in one sentence where it cannot be had whole
 */
export async function readListing(archive: URL, listing: string): Promise<Listed[]> {
  if (listing) return parseListing(await given(listing), archive)
  const page = parseListing(await fetchText(archive), archive)
  const md5sums = page.some(({ name }) => name === 'MD5SUMS') ? await fetchText(new URL('MD5SUMS', archive)) : ''
  return withMd5(page, md5sums)
}

async function given(listing: string): Promise<string> {
  if (listing === '-') return text(process.stdin)
  if (listing === 'clipboard') return clipboard()
  return readFile(listing, 'utf8').catch((error: Error) => {
    throw new Error(`LISTING is '${listing}', which cannot be read: ${sentenceOf(error, listing)}`)
  })
}

async function fetchText(url: URL): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) })
    if (!response.ok) throw new Error(`it answers ${response.status} ${response.statusText}`)
    return await response.text()
  } catch (error) {
    const { message, cause } = error as Error
    throw new Error(`${url} cannot be read: ${cause instanceof Error ? cause.message : message}; nothing was changed`)
  }
}
