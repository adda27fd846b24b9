import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ColumnRegistry, isSame, KnownColumns, type NewColumn } from '../alerts/column-names.ts'
import { addPath } from '../core/errors.ts'
import { parseOptional, sha256OfBytes } from '../core/files.ts'
import type { Paths } from '../paths.ts'
import { readCommonColumns } from './common-metadata.ts'

/**
 * The new columns of a lake, shared by all conversions of a run, on all hosts. They are those in `_common_metadata`, and
 * those that a conversion has claimed by creating a file since the run began. These files are removed at its end.
 *
 * The functions are synchronous, because a schema is compiled in the middle of reading a packet.
 */
export class ColumnClaims implements ColumnRegistry {
  private readonly folder: string
  private readonly known: KnownColumns

  /** @throws Error if `_common_metadata` cannot be read */
  static async open(paths: Paths): Promise<ColumnClaims> {
    return new ColumnClaims(paths.columnClaims, await readCommonColumns(paths))
  }

  private constructor(folder: string, columns: readonly NewColumn[]) {
    this.folder = folder
    this.known = new KnownColumns(columns)
  }

  find(path: string): NewColumn | undefined {
    const known = this.known.find(path)
    if (known) return known
    const claimed = readClaim(this.fileOf(path))
    if (claimed) this.known.claim([claimed])
    return claimed
  }

  claim(columns: readonly NewColumn[]): boolean {
    for (const { path, type } of columns)
      if (!this.find(path)) createClaim(this.folder, this.fileOf(path), { path, type })
    return columns.every(column => isSame(this.find(column.path), column))
  }

  private fileOf(path: string): string {
    return join(this.folder, sha256OfBytes(path.toLowerCase()))
  }
}

/** Creates a claim with its full content, unless there is one. `link` never replaces a file, not even on NFS. */
function createClaim(folder: string, file: string, column: NewColumn): void {
  const temporary = `${file}.${randomUUID()}`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(temporary, JSON.stringify(column))
    linkSync(temporary, file)
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST' || syscall !== 'link') addPath(file)(error as NodeJS.ErrnoException)
  } finally {
    rmSync(temporary, { force: true })
  }
}

function readClaim(file: string): NewColumn | undefined {
  try {
    const claim = parseOptional<NewColumn>(readFileSync(file, 'utf8'))
    if (claim) return claim
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  throw new Error(`${file} is corrupt, expected a column that another conversion has claimed: run make lake again`)
}
