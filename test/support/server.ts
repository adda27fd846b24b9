import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanEnvironment, PROJECT } from './run.ts'

/** What scripts/install-servers.ts has installed. */
export const INSTALLED = join(PROJECT, 'data/servers')
/** Time after which a server that has not answered counts as broken, in ms. */
const START_LIMIT = 120_000
/** The system kills a server when the test that started it is gone. */
const TIED = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL'] : []

export interface TargetFile {
  /** Path below the address. */
  readonly path: string
  readonly bytes: number
}

/**
 * A server that lakes are published to. Tests look at the files in it with its own methods, which share no code with
 * lib/publish, and take paths below the address.
 */
export abstract class Server {
  /** Value of TO=, e.g. s3://lake/ztf. */
  abstract readonly address: string
  /** Value of ENDPOINT=. */
  abstract readonly endpoint: string
  /** Environment variables with the credentials. */
  abstract readonly env: Record<string, string>
  private readonly running: ServerProcess

  constructor(running: ServerProcess) {
    this.running = running
  }

  /** All files below the address, sorted by path. */
  abstract list(): Promise<TargetFile[]>
  abstract read(path: string): Promise<Buffer>
  /** Creates or replaces a file. */
  abstract write(path: string, bytes: Uint8Array): Promise<void>
  abstract remove(path: string): Promise<void>

  /** Changes a byte in the middle of a file. */
  async corrupt(path: string): Promise<void> {
    const bytes = await this.read(path)
    const middle = bytes.length >> 1
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle)
    await this.write(path, bytes)
  }

  get pid(): number {
    return this.running.pid
  }

  /** Kills the server, waits for its end, and removes its folder. */
  close(): Promise<void> {
    return this.running.close()
  }
}

interface ServerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Record<string, string>
  /** Whether the server answers. An error means no. */
  readonly isReady: () => Promise<boolean>
}

/** A running server with a temporary folder, which is its working directory and holds its log. */
export class ServerProcess {
  readonly folder: string
  private readonly child: ChildProcess

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder
    this.child = child
  }

  /** Starts a server, and waits until it answers. */
  static async start({ program, args, env = {}, isReady }: ServerCommand): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-server-'))
    const log = await open(join(folder, 'log'), 'w')
    const [first = '', ...rest] = [...TIED, program, ...args]
    const stdio = ['ignore', log.fd, log.fd] as const
    const child = spawn(first, rest, { cwd: folder, env: { ...cleanEnvironment(), ...env }, stdio: [...stdio] })
    await log.close()
    // A test that forgets to close the server can end nevertheless.
    child.unref()
    const server = new ServerProcess(folder, child)
    await server.waitUntil(isReady)
    return server
  }

  get pid(): number {
    return this.child.pid as number
  }

  async close(): Promise<void> {
    this.child.ref()
    const ended = this.hasEnded || once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
    await rm(this.folder, { recursive: true, force: true })
  }

  private async waitUntil(isReady: () => Promise<boolean>): Promise<void> {
    const start = performance.now()
    while (!(await isReady().catch(() => false))) {
      if (!this.hasEnded && performance.now() - start < START_LIMIT) {
        await sleep(50)
        continue
      }
      const log = await readFile(join(this.folder, 'log'), 'utf8')
      await this.close()
      throw new Error(`${this.child.spawnargs.join(' ')} did not start: ${log.slice(-3000)}`)
    }
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }
}

/** Sends a request and returns the response. Throws an error with the response's text if its status is not 2xx. */
export async function request(url: string, options: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, options)
  if (response.ok) return response
  const text = await response.text()
  throw new Error(`${options.method ?? 'GET'} ${url}: status ${response.status}: ${text.slice(0, 1000)}`)
}

/** Escapes a path for a URL, except its slashes. */
export function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

export function sortFiles(files: readonly TargetFile[]): TargetFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
