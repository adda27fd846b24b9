import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { indexPage } from './index-page.ts'
import type { Tarball } from './night.ts'

export interface ArchiveFile extends Tarball {
  modified: Date
}

export interface Server {
  /** URL of the index page, with a trailing slash. */
  url: string
  close(): Promise<void>
}

const BASE = '/alerts/public/'
const SUMS = 'MD5SUMS'
/** Folder of the absolute paths in MD5SUMS. */
const FOLDER = '/epyc/data/ztf/alerts/public/'
const CHUNK = 65_536

/** Files in the real archive that are not nights. */
const OTHER_FILES = [
  { name: 'VALIDATE', bytes: Buffer.from('validated\n') },
  { name: 'ztf_20200219_programid1.tar.tar', bytes: Buffer.alloc(0) },
]

/** Serves nights on the loopback interface, as the real archive does on the web. */
export function startArchive(nights: readonly Tarball[], throttle = new Throttle()): Promise<Server> {
  const files = nights.map(archiveFile)
  return listen((request, response) => {
    const file = findFile(files, fileName(request.url))
    response.writeHead(file ? 200 : 404, file && { 'Content-Length': file.bytes.length, ...headersOf(file) })
    const body = file && request.method === 'GET' ? throttle.pass(file.bytes) : []
    // Ignore the error if the client disconnects.
    pipeline(body, response).catch(() => {})
  })
}

/** Starts an HTTP server on a free port. `close` also closes open connections. */
export async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.close()
    server.closeAllConnections()
    if (server.listening) await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`, close }
}

/** Limits the total transfer rate of all responses. */
export class Throttle {
  bytesPerSecond = Infinity
  /** Time in ms by which the bytes passed so far will have been sent at `bytesPerSecond`. */
  private freeAt = 0

  async *pass(bytes: Buffer): AsyncGenerator<Buffer> {
    for (let start = 0; start < bytes.length; start += CHUNK) {
      const chunk = bytes.subarray(start, start + CHUNK)
      const now = performance.now()
      this.freeAt = Math.max(this.freeAt, now) + (chunk.length / this.bytesPerSecond) * 1000
      // Skip short waits, because timers are too coarse for them.
      if (this.freeAt > now + 10) await sleep(this.freeAt - now, undefined, { ref: false })
      yield chunk
    }
  }
}

/** Adds a modification time: 07:22 UTC on the date in the name, or on a fixed date if the name has none. */
export function archiveFile({ name, bytes }: Tarball): ArchiveFile {
  const date = /_(\d{4})(\d\d)(\d\d)/.exec(name)?.slice(1).join('-') ?? '2026-07-02'
  return { name, bytes, modified: new Date(`${date}T07:22:00Z`) }
}

/** Finds a file in the archive by name; '' is the index page. MD5SUMS is generated unless `files` contains it. */
export function findFile(files: readonly ArchiveFile[], name: string | undefined): ArchiveFile | undefined {
  const known = [...files, ...OTHER_FILES.map(archiveFile)]
  const found = known.find(file => file.name === name)
  if (found || (name !== SUMS && name !== '')) return found
  const sums = files.find(file => file.name === SUMS) ?? archiveFile({ name: SUMS, bytes: Buffer.from(md5Sums(files)) })
  if (name === SUMS) return sums
  const listed = [...known.filter(file => file !== sums), sums].map(file => ({ ...file, size: file.bytes.length }))
  return archiveFile({ name: '', bytes: Buffer.from(indexPage(listed)) })
}

/** File name in a URL; undefined if the URL is outside the archive's folder. */
export function fileName(url = '/'): string | undefined {
  const { pathname } = new URL(url, 'http://archive')
  return pathname.startsWith(BASE) ? decodeURIComponent(pathname.slice(BASE.length)) : undefined
}

export function headersOf({ name, bytes, modified }: ArchiveFile): Record<string, string> {
  const text = name === '' ? 'text/html;charset=UTF-8' : 'text/plain'
  return {
    'Content-Type': name.endsWith('.gz') ? 'application/x-gzip' : text,
    'Last-Modified': modified.toUTCString(),
    ETag: `"${bytes.length.toString(16)}-${modified.getTime().toString(16)}"`,
  }
}

/** MD5SUMS with absolute paths, bare names and an outdated line for the first file, like the archive's. */
function md5Sums(files: readonly ArchiveFile[]): string {
  const lines = files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, bytes }, i) => `${createHash('md5').update(bytes).digest('hex')}  ${i % 2 ? FOLDER : ''}${name}\n`)
  const outdated = lines.slice(0, 1).map(line => `${'0'.repeat(32)}  ${FOLDER}${line.slice(34)}`)
  return ['# md5 of what was uploaded\n', ...outdated, ...lines].join('')
}
