import { freemem } from 'node:os'
import { constrainedMemory, memoryUsage } from 'node:process'
import { DuckDB, type Row, type Rows, type SqlFunction } from '../core/duckdb.ts'
import { describeError, errnoError } from '../core/errors.ts'
import { TemporaryFolder } from '../core/temporary-folder.ts'
import { showBytes } from '../core/units.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { MACROS, VIEWS, Views } from './views.ts'

/** Interval for checking the memory of a running query, in ms. */
const CHECK_INTERVAL_MS = 200
/** Memory of this program itself, in bytes. */
const OWN_MEMORY = 512 << 20

/** A database with views of the lake, which reads nothing until a statement needs it. Errors have one-line messages. */
export class LakeDatabase {
  private readonly database: DuckDB
  private readonly views: Views
  private readonly memory: number
  private readonly folder: TemporaryFolder
  private readonly usedMemory: () => number
  private ranOutOfMemory = false

  /**
   * @param memory maximum memory in bytes; 0 for half of what is free
   * @param usedMemory memory of this process in bytes
   */
  static async open(
    paths: Paths,
    selection: Selection,
    memory = 0,
    usedMemory: () => number = memoryUsage.rss,
  ): Promise<LakeDatabase> {
    const folder = new TemporaryFolder(paths.temporary)
    const limit = memory || freeMemory() / 2
    const database = await DuckDB.open({ memory: limit, temporary: folder.path })
    return new LakeDatabase(database, new Views(database, paths, selection), limit, folder, usedMemory)
  }

  private constructor(
    database: DuckDB,
    views: Views,
    memory: number,
    folder: TemporaryFolder,
    usedMemory: () => number,
  ) {
    this.database = database
    this.views = views
    this.memory = memory
    this.folder = folder
    this.usedMemory = usedMemory
    database.onMissing = name => views.create(name)
  }

  /** Folder for temporary files. */
  get temporary(): string {
    return this.folder.path
  }

  /**
   * Runs one statement and returns its rows.
   * @param reads the part of the statement that reads views, such as the query inside a `copy`
   */
  async query(sql: string, reads = sql): Promise<Row[]> {
    const timer = this.watchMemory()
    try {
      await this.views.prepare(reads)
      return await this.database.query(sql)
    } catch (error) {
      throw this.explain(error as Error)
    } finally {
      clearInterval(timer)
    }
  }

  /** Like `DuckDB.answers`. */
  async *answers(sql: string, maxRows: number): AsyncGenerator<Rows> {
    const timer = this.watchMemory()
    try {
      await this.views.prepare(sql)
      yield* this.database.answers(sql, maxRows)
    } catch (error) {
      throw this.explain(error as Error)
    } finally {
      clearInterval(timer)
    }
  }

  async count(sql: string): Promise<number> {
    return this.database.count(sql)
  }

  async define(definition: SqlFunction): Promise<void> {
    await this.database.define(definition)
  }

  interrupt(): void {
    this.database.interrupt()
  }

  close(): void {
    this.database.close()
    this.folder.remove()
  }

  /**
   * Interrupts the query if the process takes twice its limit, which by default is all that was free. DuckDB does not
   * count all memory that it uses, such as 50 kB per file.
   */
  private watchMemory(): NodeJS.Timeout {
    this.ranOutOfMemory = false
    return setInterval(() => {
      if (this.usedMemory() < 2 * this.memory + OWN_MEMORY) return
      this.ranOutOfMemory = true
      this.database.interrupt()
    }, CHECK_INTERVAL_MS)
  }

  /** Replaces DuckDB's errors about limits and names, which advise on settings of DuckDB and on its own tables. */
  private explain(error: Error): Error {
    const { message } = error
    const [, file = this.temporary] = /"([^"]+)": No space left on device/.exec(message) ?? []
    if (/No space left on device|^Out of Memory Error: failed to offload/.test(message)) {
      const full = errnoError('ENOSPC', file)
      return Object.assign(full, { message: describeError(full), cause: error })
    }
    if (this.ranOutOfMemory || message.startsWith('Out of Memory Error'))
      return new Error(this.outOfMemory(), { cause: error })
    const names = Object.keys({ ...VIEWS, ...MACROS }).join(', ')
    const unknown = message.replace(/(Catalog Error: Table .* does not exist)!.*/, `$1: the lake has ${names}`)
    return unknown === message ? error : new Error(unknown, { cause: error })
  }

  private outOfMemory(): string {
    const limit = showBytes(this.memory)
    return `the query needs more than its ${limit} of memory, even with temporary files: set a larger MEMORY=, or fewer NIGHTS=`
  }
}

/** Memory that this process can still use, in bytes. A Slurm job or container may have a limit of its own. */
function freeMemory(): number {
  return Math.min(freemem(), constrainedMemory() || Number.POSITIVE_INFINITY)
}
