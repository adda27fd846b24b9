import { join } from 'node:path'
import { isReserved, isSame, KnownColumns, type NewColumn } from '../alerts/column-names.ts'
import { alertColumns } from '../alerts/compile.ts'
import { mapLimit } from '../core/files.ts'
import { type Night, parquetName } from '../night.ts'
import { type ColumnTypes, columnTypes } from '../parquet/column-types.ts'
import type { Paths } from '../paths.ts'
import { schemaTypes } from './arrow.ts'
import { isMoved } from './moved.ts'
import { readParquet } from './parquet-reader.ts'
import type { NightSummary } from './summaries.ts'

/** A night of the lake, and what its manifest says of its columns and files. */
export interface NightColumns {
  readonly night: Night
  readonly summary: Pick<NightSummary, 'md5' | 'files' | 'newColumns' | 'movedTo'>
}

/** The new columns of nights. */
export interface LakeColumns {
  readonly columns: readonly NewColumn[]
  /**
   * Faults by stem: columns that readers cannot tell from those of an earlier night, or from their own. Earlier versions
   * of this program wrote such columns.
   */
  readonly clashes: ReadonlyMap<string, string>
}

/** Number of files that are read at the same time. */
const FILES_AT_ONCE = 8

/**
 * Reads the new columns of nights from their files, those of moved nights from `_common_metadata`. Files that cannot be read
 * are left to the check of their nights.
 */
export async function readLakeColumns(paths: Paths, nights: readonly NightColumns[]): Promise<LakeColumns> {
  const extended = nights.filter(({ summary }) => summary.newColumns.length > 0)
  const found = await mapLimit(extended, night => columnsOf(paths, night), FILES_AT_ONCE)
  const merged = new MergedColumns()
  for (const [i, { night }] of extended.entries()) for (const column of found[i] ?? []) merged.add(night, column)
  return merged
}

/** New columns of nights, the earliest first. A column that clashes with one of an earlier night is left out. */
class MergedColumns implements LakeColumns {
  readonly columns: NewColumn[] = []
  readonly clashes = new Map<string, string>()
  private readonly registry = new KnownColumns(standardColumns())
  /** Stem of the night that brought a column, by path. */
  private readonly origins = new Map<string, string>()

  add({ stem }: Night, column: NewColumn): void {
    if (!this.hasParent(column)) return
    const { path } = column
    const other = this.registry.find(path)
    const reserved = isReserved(path.split('.').at(-1) as string)
    if (reserved || (other && !isSame(other, column))) this.addClash(stem, column, other)
    if (other) return
    this.registry.claim([column])
    this.origins.set(path, stem)
    this.columns.push(column)
  }

  /** Whether the struct that has the column is not left out. */
  private hasParent({ path }: NewColumn): boolean {
    const end = path.lastIndexOf('.')
    const parent = this.registry.find(path.slice(0, Math.max(0, end)))
    return end < 0 || (parent?.path === path.slice(0, end) && parent.type.endsWith('struct'))
  }

  private addClash(stem: string, { path, type }: NewColumn, other: NewColumn | undefined): void {
    const origin = other && (this.origins.get(other.path) ?? 'every night')
    const reason = other ? `${origin} has ${other.path} as ${other.type}` : 'readers use that name for something else'
    if (!this.clashes.has(stem))
      this.clashes.set(
        stem,
        `it has the column ${path} as ${type}, but ${reason}: run make repair, then make lake, to convert it again`,
      )
  }
}

/** Returns those columns that the lake's standard schema lacks. */
export function newColumnsOf(types: ColumnTypes): NewColumn[] {
  const standard = columnTypes(alertColumns())
  return [...types].flatMap(([path, type]) => (standard.has(path) ? [] : { path, type }))
}

function standardColumns(): NewColumn[] {
  return [...columnTypes(alertColumns())].map(([path, type]) => ({ path, type }))
}

/** Returns the new columns of a night. Its last file has them all. */
async function columnsOf(paths: Paths, { night, summary }: NightColumns): Promise<NewColumn[]> {
  const isElsewhere = isMoved({ summary })
  const last = join(paths.partition(night), parquetName(night, summary.md5, summary.files - 1))
  const columns = await readParquet(isElsewhere ? paths.commonMetadata : last).then(
    ({ schema }) => newColumnsOf(schemaTypes(schema)),
    () => [],
  )
  return isElsewhere ? columns.filter(({ path }) => summary.newColumns.includes(path)) : columns
}
