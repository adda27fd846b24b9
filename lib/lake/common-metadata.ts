import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KnownColumns, type NewColumn } from '../alerts/column-names.ts'
import { alertColumns } from '../alerts/compile.ts'
import { exists, remove } from '../core/files.ts'
import { type ColumnTypes, columnTypes, fromArrowType } from '../parquet/column-types.ts'
import type { Column, StructColumn } from '../parquet/columns.ts'
import { encodeEmptyFile } from '../parquet/file.ts'
import type { Paths } from '../paths.ts'
import { schemaTypes } from './arrow.ts'
import { type NightColumns, newColumnsOf, readLakeColumns } from './lake-columns.ts'
import { describeMoved, isMoved } from './moved.ts'
import { readParquet } from './parquet-reader.ts'

// The lake's `_common_metadata` is a Parquet file without rows that has the columns of all nights. Conversions take
// from it which names are in use, and Spark the lake's schema: otherwise Spark takes it from an arbitrary file, which
// may lack columns of other nights. There is no such file if all nights have the same columns.

/** Without the version of this program, so that the bytes of the file depend on its columns only. */
const CREATED_BY = 'ztf-lake'

/**
 * Returns the new columns in the lake's `_common_metadata`; none if there is no such file.
 * @throws Error if the file cannot be read
 */
export async function readCommonColumns(paths: Paths): Promise<NewColumn[]> {
  if (!(await exists(paths.commonMetadata))) return []
  const types = await typesIn(await readFile(paths.commonMetadata))
  if (types) return newColumnsOf(types)
  throw new Error(`${paths.commonMetadata} cannot be read, expected a Parquet file without rows: run make repair`)
}

/**
 * Adds the columns of a Parquet file to the lake's `_common_metadata`.
 * @param folder where to write a temporary file. It must be on the lake's disk and not shared with other processes
 */
export async function addCommonColumns(paths: Paths, file: string, folder: string): Promise<void> {
  const added = newColumnsOf(schemaTypes((await readParquet(file)).schema))
  await addColumns(paths, await readCommonColumns(paths), added, folder)
}

/**
 * Adds the columns that `_common_metadata` lacks, because nights published in parallel overwrote each other's, or it
 * was removed. Writes it again if it cannot be read. Call only while holding the lake's lock.
 * @param nights all nights of the lake
 */
export async function updateCommonMetadata(paths: Paths, nights: readonly NightColumns[]): Promise<void> {
  await assertRestorable(paths, nights)
  const known = await readCommonColumns(paths).catch(() => undefined)
  if (!known) return rebuildCommonMetadata(paths, (await readLakeColumns(paths, nights)).columns)
  const names = new Set(known.map(({ path }) => path))
  // Only nights whose columns are missing, because reading the footers of all may take long.
  const lacking = nights.filter(({ summary }) => !summary.newColumns.every(column => names.has(column)))
  const { columns } = await readLakeColumns(paths, lacking)
  await addColumns(paths, known, columns, paths.staging)
}

/**
 * Throws if `_common_metadata` is missing or cannot be read, and nights with columns of their own were moved: no other file
 * here has the types of their columns.
 */
export async function assertRestorable(paths: Paths, nights: readonly NightColumns[]): Promise<void> {
  const moved = nights.filter(night => isMoved(night) && night.summary.newColumns.length > 0)
  const [first] = moved
  if (!first || ((await exists(paths.commonMetadata)) && (await typesIn(await readFile(paths.commonMetadata))))) return
  throw new Error(
    `${paths.commonMetadata} is missing or cannot be read, and cannot be made again, because it has columns of ` +
      `${describeMoved(moved)}: copy it from ${first.summary.movedTo}/lake/_common_metadata`,
  )
}

/** Writes `_common_metadata` again; removes it if it is not needed. Call only while holding the lake's lock. */
export async function rebuildCommonMetadata(paths: Paths, columns: readonly NewColumn[]): Promise<void> {
  await remove(paths.commonMetadata)
  await addColumns(paths, [], columns, paths.staging)
}

/**
 * Returns the fault in `_common_metadata`; undefined if it has all columns, or is missing and there are none. It may have
 * further columns, of nights that have been replaced, but no byte other than those that its columns give.
 */
export async function commonMetadataFault(paths: Paths, columns: readonly NewColumn[]): Promise<string | undefined> {
  if (!(await exists(paths.commonMetadata)))
    return columns.length > 0 ? 'is missing, expected the columns that only some nights have' : undefined
  const bytes = await readFile(paths.commonMetadata)
  if (bytes.equals(encode(columns))) return undefined
  const found = await typesIn(bytes)
  if (!found) return 'cannot be read, expected a Parquet file without rows'
  const expected = [...columnTypes(alertColumns()), ...columns.map(({ path, type }) => [path, type] as const)]
  const [path, type] = expected.find(([path, type]) => found.get(path) !== type) ?? []
  if (path)
    return found.has(path)
      ? `has the column ${path} as ${found.get(path)}, expected ${type}`
      : `lacks the column ${path}`
  return bytes.equals(encode(newColumnsOf(found))) ? undefined : 'has other bytes than its columns give'
}

/** Types of the columns in the bytes of a Parquet file; undefined if it cannot be read. */
async function typesIn(bytes: Uint8Array): Promise<ColumnTypes | undefined> {
  // parquet-wasm throws strings and aborts as well as errors.
  return readParquet(new Uint8Array(bytes)).then(
    ({ schema }) => schemaTypes(schema),
    () => undefined,
  )
}

async function addColumns(
  paths: Paths,
  known: readonly NewColumn[],
  added: readonly NewColumn[],
  folder: string,
): Promise<void> {
  const registry = new KnownColumns(known)
  const missing = added.filter(({ path }) => !registry.find(path))
  if (missing.length === 0) return
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, '_common_metadata.part')
  await writeFile(temporary, encode([...known, ...missing]), { flush: true })
  await rename(temporary, paths.commonMetadata)
}

/** The new columns follow those of the standard schema in the order of their names, whatever the order of the nights. */
function encode(columns: readonly NewColumn[]): Uint8Array {
  const table = alertColumns()
  const sorted = [...columns].sort((one, other) => (one.path < other.path ? -1 : 1))
  for (const column of sorted) addColumn(table, column)
  return encodeEmptyFile(table, CREATED_BY)
}

/** Adds a column to the table. Its parent sorts before it. */
function addColumn(table: StructColumn, { path, type }: NewColumn): void {
  const names = path.split('.')
  const name = names.pop() as string
  let parent: Column | undefined = table
  for (const next of names) parent = elementOf((parent as StructColumn).children?.get(next))
  const columnType = fromArrowType(type)
  if (columnType && parent?.type === 'struct' && !parent.children.has(name)) parent.add(name, columnType)
}

/** The innermost element of a column that is a list; otherwise the column. */
function elementOf(column: Column | undefined): Column | undefined {
  return column?.type === 'list' ? elementOf(column.element) : column
}
