import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ArchiveFile, archiveFiles } from './archive-files.ts'
import { indexPage } from './index-page.ts'
import { md5Sums } from './md5sums.ts'
import { parseRange } from './range.ts'

/** Misbehaviour of the server. */
export interface Fault {
  /** Respond with this status instead of the file. */
  status?: number
  /** Additional or replaced headers. */
  headers?: Record<string, string>
  /** Respond with this text instead of the file. */
  body?: string
  /** Close the connection after this many bytes of the body. */
  cutAfter?: number
  /** Reset the connection after this many bytes of the body. */
  resetAfter?: number
  /** Stop sending after this many bytes of the body, with the connection open. */
  stallAfter?: number
  /** Send this many bytes more than Content-Length. */
  surplus?: number
  /** Affected requests. Default: GET only if the fault is in the body, else both. */
  method?: 'GET' | 'HEAD'
  /** Milliseconds to wait before responding. */
  delay?: number
  /** Awaited before responding. */
  before?: () => Promise<unknown>
  /** Number of requests to affect. Default: all. */
  times?: number
}

export interface RequestLine {
  method: string
  url: string
  range: string | undefined
}

export interface Archive {
  /** URL of the index page, with a slash at the end. */
  url: string
  /** All requests so far. */
  requests: RequestLine[]
  /** Faults by file name; '' is the index page. */
  faults: Map<string, Fault>
  /** Modification dates that replace those of the files. */
  modified: Map<string, Date>
  /** Total rate limit of all responses. */
  bytesPerSecond: number
  /** Bytes of bodies sent so far. */
  sent: number
  close(): Promise<void>
}

const BASE = '/alerts/public/'
const SUMS = 'MD5SUMS'

/** Starts a server of files like the real archive, on the loopback interface. The map or folder may change meanwhile. */
export async function startArchive(files: Map<string, Buffer> | string): Promise<Archive> {
  const state: State = {
    requests: [],
    faults: new Map(),
    modified: new Map(),
    bytesPerSecond: Infinity,
    sent: 0,
    freeAt: 0,
  }
  const server = createServer((request, response) => {
    // Fails if the client disconnects, or on purpose through a fault.
    answer(files, state, request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.close()
    server.closeAllConnections()
    if (server.listening) await once(server, 'close')
  }
  return Object.assign(state, { url: `http://127.0.0.1:${port}${BASE}`, close })
}

/** `freeAt`: time in ms at which everything sent so far would have been transferred at `bytesPerSecond`. */
type State = Omit<Archive, 'url' | 'close'> & { freeAt: number }
type Source = ReadonlyMap<string, Buffer> | string

async function answer(source: Source, state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request
  state.requests.push({ method, url, range: request.headers.range })
  const name = nameOf(url)
  const fault = name === undefined ? undefined : takeFault(state.faults, name, method)
  if (fault?.delay) await sleep(fault.delay, undefined, { ref: false })
  await fault?.before?.()
  if (fault?.status) return refuse(response, fault.status, fault.headers)
  const known = name === undefined ? undefined : await find(source, state, name)
  if (!known) return refuse(response, 404)
  await send(fault?.body === undefined ? known : text(known.name, fault.body), state, request, response, fault)
}

/** File name of a URL: '' for the index, undefined outside the archive. */
function nameOf(url: string): string | undefined {
  const { pathname } = new URL(url, 'http://archive')
  return pathname.startsWith(BASE) ? decodeURIComponent(pathname.slice(BASE.length)) : undefined
}

function takeFault(faults: Map<string, Fault>, name: string, method: string): Fault | undefined {
  const fault = faults.get(name)
  if (fault && !methodsOf(fault).includes(method)) return undefined
  if (fault?.times === undefined) return fault
  if (fault.times <= 0) return undefined
  fault.times -= 1
  return fault
}

function methodsOf({ method, cutAfter, resetAfter, stallAfter, surplus }: Fault): string[] {
  if (method) return [method]
  return (cutAfter ?? resetAfter ?? stallAfter ?? surplus) === undefined ? ['GET', 'HEAD'] : ['GET']
}

async function find(source: Source, { modified }: State, name: string): Promise<ArchiveFile | undefined> {
  const files = await archiveFiles(source, modified)
  const known = files.find(file => file.name === name)
  if (known || (name !== '' && name !== SUMS)) return known
  const sums = files.find(file => file.name === SUMS) ?? (await sumsOf(files))
  return name === SUMS ? sums : text('', indexPage([...files.filter(file => file !== sums), sums]))
}

/** MD5SUMS of the nights only, as in the real archive. */
async function sumsOf(files: ArchiveFile[]): Promise<ArchiveFile> {
  const nights = files.filter(file => file.name.startsWith('ztf_public_'))
  return text(SUMS, await md5Sums(nights.toSorted((a, b) => (a.name < b.name ? -1 : 1))))
}

function text(name: string, content: string): ArchiveFile {
  const bytes = Buffer.from(content)
  const open = (start = 0, end = bytes.length) => Readable.from([bytes.subarray(start, end)], { objectMode: false })
  return { name, size: bytes.length, modified: new Date('2026-07-02T20:00:00Z'), open }
}

async function send(
  file: ArchiveFile,
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault = {},
): Promise<void> {
  const range = parseRange(request.headers.range, file.size)
  if (range === null) return refuse(response, 416, { 'Content-Range': `bytes */${file.size}` })
  const { start, end } = range ?? { start: 0, end: file.size }
  response.writeHead(range ? 206 : 200, {
    ...(range ? { 'Content-Range': `bytes ${start}-${end - 1}/${file.size}` } : {}),
    'Content-Length': end - start,
    'Content-Type': contentType(file.name),
    'Last-Modified': file.modified.toUTCString(),
    'Accept-Ranges': 'bytes',
    ETag: `"${file.size.toString(16)}-${file.modified.getTime().toString(16)}"`,
    ...fault.headers,
  })
  if (request.method === 'HEAD') return void response.end()
  const { cutAfter, resetAfter, stallAfter, surplus } = fault
  const sent = cutAfter ?? resetAfter ?? stallAfter ?? end - start
  if (start + sent >= end && !surplus) return pipeline(slowed(file.open(start, end), state), response)
  await pipeline(slowed(file.open(start, Math.min(end, start + sent)), state), response, { end: false })
  response.flushHeaders()
  // Write to the socket, because the response does not send more than its Content-Length.
  if (surplus) response.socket?.write(Buffer.alloc(surplus))
  if (resetAfter !== undefined) response.socket?.resetAndDestroy()
  else if (stallAfter === undefined) response.socket?.destroySoon()
}

async function* slowed(chunks: AsyncIterable<Buffer>, state: State): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    const now = performance.now()
    state.freeAt = Math.max(state.freeAt, now) + (chunk.length / state.bytesPerSecond) * 1000
    // Timers are too coarse to wait for each chunk.
    if (state.freeAt > now + 10) await sleep(state.freeAt - now, undefined, { ref: false })
    state.sent += chunk.length
    yield chunk
  }
}

function contentType(name: string): string {
  if (name === '') return 'text/html;charset=UTF-8'
  return name.endsWith('.gz') ? 'application/x-gzip' : 'text/plain'
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', ...headers })
  response.end(`${status}\n`)
}
