import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describeError } from '../core/errors.ts'
import { sha256OfBytes } from '../core/files.ts'
import { limiter } from '../core/limit.ts'
import { TransientError } from '../core/retry.ts'
import { byteFault } from '../lake/check-night.ts'
import type { Attempt } from './attempt.ts'
import {
  type Expected,
  faultAt,
  type RemoteFile,
  readText,
  STAGING,
  type Target,
  TargetUnusable,
  WrongBytes,
} from './target.ts'

/** Number of bytes of a file that have been sent so far. */
export interface Sent {
  bytes: number
}

const CHUNK_BYTES = 1 << 20

/** Copies files to a target, and compares and deletes files there, some at a time. */
export class Copier {
  readonly target: Target
  private readonly data: string
  private readonly attempt: Attempt
  private readonly limit: ReturnType<typeof limiter>
  private failure: TargetUnusable | undefined

  /**
   * @param data folder with the files to copy
   * @param jobs maximum number of files at a time
   */
  constructor(target: Target, data: string, jobs: number, attempt: Attempt) {
    this.target = target
    this.data = data
    this.attempt = attempt
    this.limit = limiter(jobs)
  }

  /** Why the target cannot be used; undefined as long as it can. */
  get unusable(): TargetUnusable | undefined {
    return this.failure
  }

  /**
   * Copies a file of the data folder.
   * @param from its path, relative to the data folder
   * @param sent receives the number of bytes that have been sent
   */
  async put(path: string, from: string, expected: Expected, sent: Sent = { bytes: 0 }): Promise<void> {
    const file = join(this.data, from)
    const content = { ...expected, open: () => counted(file, sent) }
    await this.run(async () => {
      const error = await this.target.put(path, content).catch(wrongBytes)
      if (!error) return
      const fault = await byteFault(file, expected)
      throw fault ? new Error(`${file} ${fault}: run make repair`) : new TransientError(error.message)
    })
  }

  async putText(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text)
    const open = () => Readable.from([bytes], { objectMode: false })
    await this.run(() => this.target.put(path, { bytes: bytes.length, sha256: sha256OfBytes(bytes), open }))
  }

  /**
   * Compares a file at the target by reading it; returns the fault, undefined if there is none. A file that cannot be read
   * has a fault too, so that it is reported and replaced.
   */
  async faultAt(path: string, expected: Expected): Promise<string | undefined> {
    return this.run(() => faultAt(this.target, path, expected)).catch(error => {
      if (error instanceof TargetUnusable) throw error
      return `cannot be read (${describeError(error)})`
    })
  }

  async list(folder: string): Promise<RemoteFile[]> {
    return this.ask(() => this.target.list(folder))
  }

  /** Reads a text file; undefined if it does not exist. */
  async read(path: string): Promise<string | undefined> {
    return this.ask(() => readText(this.target, path))
  }

  async delete(path: string): Promise<void> {
    await this.run(() => this.target.delete(path))
  }

  async move(from: string, to: string): Promise<void> {
    await this.ask(async () => this.target.move?.(from, to))
  }

  /** Runs a task once fewer than the maximum number are running. */
  private async run<T>(task: () => Promise<T>): Promise<T> {
    return this.limit(() => this.ask(task))
  }

  /** Runs a task unless the target has turned out to be unusable, or has stopped answering, which counts as unusable. */
  private async ask<T>(task: () => Promise<T>): Promise<T> {
    if (this.failure) throw this.failure
    try {
      return await this.attempt(task)
    } catch (error) {
      if (error instanceof TargetUnusable) this.failure ??= error
      else if (error instanceof TransientError && !(await this.answers()))
        this.failure ??= new TargetUnusable(`${error.message}: make publish resumes once it answers`)
      throw this.failure ?? error
    }
  }

  private async answers(): Promise<boolean> {
    return this.target.list(STAGING).then(
      () => true,
      () => false,
    )
  }
}

function counted(file: string, sent: Sent): Readable {
  sent.bytes = 0
  return Readable.from(count(file, sent), { objectMode: false, highWaterMark: CHUNK_BYTES })
}

async function* count(file: string, sent: Sent): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    sent.bytes += chunk.length
    yield chunk
  }
}

/** Returns a WrongBytes error; throws any other. */
function wrongBytes(error: Error): WrongBytes {
  if (error instanceof WrongBytes) return error
  throw error
}
