import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { apacheSize } from '../../lib/synthetic/apache-size.ts'
import type { IndexEntry } from '../../lib/synthetic/index-page.ts'
import { snapshot } from './folder.ts'

export const ADDRESS = new URL('https://example.org/alerts/public/')

const MIB = 1 << 20

/** A row of the archive's index page. */
export function entry(name: string, size = 100 * MIB, modified = '2020-05-05T07:22:00Z'): IndexEntry {
  return { name, size, modified: new Date(modified) }
}

export function nightEntry(date: string, size?: number): IndexEntry {
  return entry(`ztf_public_${date}.tar.gz`, size)
}

/** The table of the index page as a browser copies it to the clipboard. */
export function tableText(entries: readonly IndexEntry[]): string {
  const rows = entries.map(({ name, size, modified }) => {
    const minute = modified.toISOString().slice(0, 16).replace('T', ' ')
    return ` \u00a0 \t${name}\t${minute}\t${apacheSize(size).trim()}\n`
  })
  return `\n \u00a0 \tName\tLast modified\tSize\n \u00a0 \tParent Directory\t\u00a0\t-\n${rows.join('')}`
}

/** Text of an MD5SUMS file. */
export function sumsText(tarballs: readonly { name: string; bytes: Buffer }[]): string {
  return tarballs.map(({ name, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${name}\n`).join('')
}

/** Lines of a URL list for the nights of these dates. */
export function urlLines(...dates: string[]): string {
  return dates.map(date => `${ADDRESS}ztf_public_${date}.tar.gz\n`).join('')
}

/** Contents of the URL lists below a folder, by path. */
export async function listTexts(uris: string): Promise<Record<string, string>> {
  const names = [...(await snapshot(uris)).keys()].filter(name => name.endsWith('.txt'))
  return Object.fromEntries(
    await Promise.all(names.map(async name => [name, await readFile(join(uris, name), 'utf8')] as const)),
  )
}
