import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ArchiveFile,
  archiveFile,
  fileName,
  findFile,
  headersOf,
  listen,
  type Server,
  Throttle,
} from '../../lib/synthetic/server.ts'
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
  /** Send no Content-Length and no ranges, and close the connection at the end of the body. */
  unsized?: boolean
  /** Continue the body with zeros without end. */
  endless?: boolean
  /** Send one byte after each interval of this many ms. */
  drip?: number
  /** Affected requests. Default: GET only if the fault is in the body, else both. */
  method?: 'GET' | 'HEAD'
  /** Milliseconds to wait before responding. */
  delay?: number
  /** Awaited before responding. */
  before?: () => Promise<unknown>
  /** Number of requests to affect. Default: all. */
  times?: number
}

/** A synthetic archive that serves ranges, and misbehaves on request. */
export class Archive extends Throttle implements Server {
  url = ''
  close = async () => {}
  /** All requests so far. */
  readonly requests: { method: string; url: string; range: string | undefined; authorization: string | undefined }[] =
    []
  /** Faults by file name; '' is the index page. */
  readonly faults = new Map<string, Fault>()
  /** Modification dates that replace those of the files. */
  readonly modified = new Map<string, Date>()
  /** Bytes of bodies sent so far. */
  sent = 0
  private readonly files: ReadonlyMap<string, Buffer>

  constructor(files: ReadonlyMap<string, Buffer>) {
    super()
    this.files = files
  }

  override async *pass(bytes: Buffer): AsyncGenerator<Buffer> {
    for await (const chunk of super.pass(bytes)) {
      this.sent += chunk.length
      yield chunk
    }
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const { range, authorization } = request.headers
    this.requests.push({ method, url, range, authorization })
    const name = fileName(url)
    const fault = (name !== undefined && this.takeFault(name, method)) || {}
    if (fault.delay) await sleep(fault.delay, undefined, { ref: false })
    await fault.before?.()
    const file = findFile([...this.files].map(this.fileOf), name)
    if (fault.status || !file) return refuse(response, fault.status ?? 404, fault.headers)
    const bytes = fault.body === undefined ? file.bytes : Buffer.from(fault.body)
    await this.send({ ...file, bytes }, request, response, fault)
  }

  private fileOf = ([name, bytes]: readonly [string, Buffer]): ArchiveFile => {
    const file = archiveFile({ name, bytes })
    return { ...file, modified: this.modified.get(name) ?? file.modified }
  }

  private takeFault(name: string, method: string): Fault | undefined {
    const fault = this.faults.get(name)
    if (!fault || !methodsOf(fault).includes(method) || fault.times === 0) return undefined
    if (fault.times !== undefined) fault.times -= 1
    return fault
  }

  private async send(
    file: ArchiveFile,
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault,
  ): Promise<void> {
    if (fault.unsized) return this.sendUnsized(file, request, response, fault)
    const { headers, cutAfter, resetAfter, stallAfter, surplus, drip: interval } = fault
    const size = file.bytes.length
    const range = parseRange(request.headers.range, size)
    if (range === null) return refuse(response, 416, { 'Content-Range': `bytes */${size}` })
    const { start, end } = range ?? { start: 0, end: size }
    response.writeHead(range ? 206 : 200, {
      ...headersOf(file),
      ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
      'Content-Length': end - start,
      'Accept-Ranges': 'bytes',
      ...headers,
    })
    if (request.method === 'HEAD') return void response.end()
    if (interval !== undefined) return pipeline(drip(file.bytes.subarray(start, end), interval), response)
    const sent = cutAfter ?? resetAfter ?? stallAfter ?? end - start
    const body = this.pass(file.bytes.subarray(start, Math.min(end, start + sent)))
    if (start + sent >= end && !surplus) return pipeline(body, response)
    await pipeline(body, response, { end: false })
    response.flushHeaders()
    // Write to the socket, because the response does not send more than its Content-Length.
    if (surplus) response.socket?.write(Buffer.alloc(surplus))
    if (resetAfter !== undefined) response.socket?.resetAndDestroy()
    else if (stallAfter === undefined) response.socket?.destroySoon()
  }

  private async sendUnsized(
    file: ArchiveFile,
    { method }: IncomingMessage,
    response: ServerResponse,
    { cutAfter, endless }: Fault,
  ): Promise<void> {
    response.useChunkedEncodingByDefault = false
    response.writeHead(200, headersOf(file))
    if (method === 'HEAD') return void response.end()
    await pipeline(this.pass(file.bytes.subarray(0, cutAfter)), response, { end: !endless })
    if (endless) await pipeline(this.zeros(), response)
  }

  private async *zeros(): AsyncGenerator<Buffer> {
    for (;;) yield* this.pass(Buffer.alloc(1 << 20))
  }
}

async function* drip(bytes: Buffer, interval: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i++) {
    await sleep(interval, undefined, { ref: false })
    yield bytes.subarray(i, i + 1)
  }
}

/** Starts an archive of the given files. The map may change meanwhile. */
export async function startArchive(files: ReadonlyMap<string, Buffer>): Promise<Archive> {
  const archive = new Archive(files)
  // Fails if the client disconnects, or on purpose through a fault.
  const server = await listen((request, response) => {
    archive.answer(request, response).catch(() => response.destroy())
  })
  return Object.assign(archive, server)
}

function methodsOf({ method, cutAfter, resetAfter, stallAfter, surplus, unsized }: Fault): string[] {
  if (method) return [method]
  if (unsized) return ['GET', 'HEAD']
  return (cutAfter ?? resetAfter ?? stallAfter ?? surplus) === undefined ? ['GET', 'HEAD'] : ['GET']
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', ...headers })
  response.end(`${status}\n`)
}
