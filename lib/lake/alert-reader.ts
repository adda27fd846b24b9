import { type FileHandle, open } from 'node:fs/promises'
import {
  type ColumnChunk,
  type DataReader,
  type DecodedArray,
  type PageHeader,
  parquetMetadataAsync,
  parquetSchema,
  type RowGroup,
  readOffsetIndex,
  type SchemaTree,
} from 'hyparquet'
import { parquetHeader, readPage } from 'hyparquet/src/column.js'
import { convert, convertWithDictionary, DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { readPlain } from 'hyparquet/src/plain.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js'
import { DECOMPRESSORS } from '../parquet/codecs.ts'
import { bitWidth } from '../parquet/levels.ts'

/**
 * Values of an alert by leaf column, such as `candid`, `candidate.jd`, `prv_candidates.jd` or `cutoutScience.stampData`.
 *
 * A long is a bigint, bytes are a Uint8Array. A column that the file lacks is null. A column inside a list is an array
 * of the list's elements, which is empty if the list is null or empty.
 */
export type AlertValues = ReadonlyMap<string, unknown>

interface Source {
  readonly read: (start: number, end: number) => Promise<Uint8Array>
  readonly rowGroups: readonly RowGroup[]
  readonly schema: SchemaTree
  /** Decoded levels by their encoded bytes: most columns of a list have the same, and decoding them takes long. */
  readonly levels: Map<string, Uint8Array>
}

/** A data page. Its levels are decoded, one per entry; its values, which do not include nulls, on request. */
interface Page {
  readonly repetition: Uint8Array
  readonly definition: Uint8Array
  readonly values: (start: number, end: number) => DecodedArray
}

type Decoder = Parameters<typeof readDataPage>[2] & Pick<Source, 'levels'> & { dictionary?: DecodedArray }

/** Size of the first read, at the end of the file. The footer and OffsetIndexes of 3,000 alerts take 36 kB. */
const TAIL_BYTES = 64 << 10

/** Sizes of values in PLAIN encoding, in bytes. */
const WIDTHS: Readonly<Record<string, number>> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 }

const DECODING = {
  compressors: DECOMPRESSORS,
  // hyparquet's own parser drops a byte order mark.
  parsers: { ...DEFAULT_PARSERS, stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString() },
  utf8: false,
}

/**
 * Reads columns of single alerts from a Parquet file. Reads only the pages of these alerts, or all pages of a column if
 * it has a dictionary, or no OffsetIndex, as in files of other writers.
 *
 * @param rows numbers of the alerts in the file, from 0
 */
export async function readAlerts(
  path: string,
  rows: readonly number[],
  columns: readonly string[],
): Promise<AlertValues[]> {
  const file = await open(path)
  try {
    return await readRows(file, rows, columns)
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException
    if (syscall) throw Object.assign(error as Error, { path })
    throw new Error(`${path} is damaged (${message}): make check names its night, make repair rebuilds it`)
  } finally {
    await file.close()
  }
}

async function readRows(file: FileHandle, rows: readonly number[], columns: readonly string[]): Promise<AlertValues[]> {
  const { size } = await file.stat()
  const read = await tailFirst(file, size)
  const slice = async (start: number, end = size) => new Uint8Array(await read(start, end)).buffer
  const metadata = await parquetMetadataAsync({ byteLength: size, slice }, { initialFetchSize: TAIL_BYTES })
  const source = { read, rowGroups: metadata.row_groups, schema: parquetSchema(metadata), levels: new Map() }
  // Lists add two levels to the path of a column.
  const pathOf = ({ meta_data }: ColumnChunk) => meta_data?.path_in_schema.join('.').replaceAll('.list.element', '')
  const indexes = new Map(source.rowGroups[0]?.columns.map((chunk, i) => [pathOf(chunk), i]))
  // All columns at once, because a read takes long on a network disk.
  const values = await Promise.all(columns.map(column => readColumn(source, rows, indexes.get(column))))
  return rows.map((_, i) => new Map(columns.map((column, j) => [column, values[j]?.[i]])))
}

/** Reads the end of a file; returns a function that reads any bytes, and takes those at the end from memory. */
async function tailFirst(file: FileHandle, size: number): Promise<Source['read']> {
  const read = async (start: number, end: number) => {
    if (end > size) throw new Error(`it has ${size} bytes, expected at least ${end}`)
    const bytes = new Uint8Array(end - start)
    await file.read(bytes, 0, bytes.length, start)
    return bytes
  }
  const offset = Math.max(0, size - TAIL_BYTES)
  const tail = await read(offset, size)
  return async (start, end) =>
    start < offset || end > size ? read(start, end) : tail.subarray(start - offset, end - offset)
}

/** Returns the row group of a row of the file, and the row's number in it. */
function locateRow(rowGroups: readonly RowGroup[], row: number): [RowGroup, number] {
  let rest = row
  for (const rowGroup of rowGroups) {
    if (rest < rowGroup.num_rows) return [rowGroup, rest]
    rest -= Number(rowGroup.num_rows)
  }
  throw new Error(`it has ${row - rest} alerts, expected at least ${row + 1}`)
}

/** Returns a column's value in each row; nulls if the file lacks the column. */
function readColumn(source: Source, rows: readonly number[], index = -1): Promise<unknown[]> {
  /** By their offset, because rows may share pages. */
  const known = new Map<number, Promise<Page[]>>()
  const readRow = async (fileRow: number) => {
    const [rowGroup, row] = locateRow(source.rowGroups, fileRow)
    const chunk = rowGroup.columns[index]
    if (!chunk) return null
    const [start, end, firstRow] = await locatePages(source, chunk, row)
    const decoder = decoderOf(source, chunk)
    const pages = known.get(start) ?? source.read(start, end).then(bytes => decodePages(bytes, decoder))
    known.set(start, pages)
    return valueIn(await pages, row - firstRow, decoder.schemaPath)
  }
  return Promise.all(rows.map(readRow))
}

/** Returns start, end and first row of the page with a row, or of all pages if the column has no usable OffsetIndex. */
async function locatePages({ read }: Source, chunk: ColumnChunk, row: number): Promise<[number, number, number]> {
  const { dictionary_page_offset, data_page_offset = 0n, total_compressed_size = 0n } = chunk.meta_data ?? {}
  const first = Number(dictionary_page_offset || data_page_offset)
  const index = Number(chunk.offset_index_offset ?? 0)
  if (dictionary_page_offset || index === 0) return [first, first + Number(total_compressed_size), 0]
  const { page_locations } = readOffsetIndex(readerOf(await read(index, index + (chunk.offset_index_length ?? 0))))
  const page = page_locations.findLast(({ first_row_index }) => first_row_index <= row)
  if (!page) throw new Error(`an OffsetIndex has no page for row ${row}`)
  const start = Number(page.offset)
  return [start, start + page.compressed_page_size, Number(page.first_row_index)]
}

function decoderOf({ schema, levels }: Source, { meta_data }: ColumnChunk): Decoder {
  if (!meta_data) throw new Error('a column chunk has no metadata')
  const { type, codec, path_in_schema: pathInSchema } = meta_data
  const schemaPath = getTreePath(schema, pathInSchema)
  return { ...DECODING, type, codec, pathInSchema, element: (schemaPath.at(-1) ?? schema).element, schemaPath, levels }
}

function decodePages(bytes: Uint8Array, decoder: Decoder): Page[] {
  const pages: Page[] = []
  const reader = readerOf(bytes)
  while (reader.offset < bytes.length) {
    const header = parquetHeader(reader)
    if (header.type === 'DICTIONARY_PAGE') {
      decoder.dictionary = convert(readPage(reader, header, decoder, undefined, undefined, 0).data ?? [], decoder)
    } else {
      const body = bytes.subarray(reader.offset, reader.offset + header.compressed_page_size)
      reader.offset += body.length
      pages.push(decodePage(body, header, decoder))
    }
  }
  return pages
}

function decodePage(body: Uint8Array, header: PageHeader, decoder: Decoder): Page {
  const { type, data_page_header: v1, data_page_header_v2: v2, uncompressed_page_size } = header
  const bytes = v1 ? decompressPage(body, uncompressed_page_size, decoder.codec, decoder.compressors) : body
  if (v1?.encoding === 'PLAIN') return plainPage(bytes, v1.num_values, decoder)
  const { num_values, encoding } = v1 ?? v2 ?? {}
  if (num_values === undefined || !encoding) throw new Error(`there is a page of type ${type}, expected a data page`)
  const decoded = v1 ? readDataPage(bytes, v1, decoder) : readDataPageV2(bytes, header, decoder)
  const values = convertWithDictionary(decoded.dataPage, decoder.dictionary, encoding, decoder)
  // hyparquet returns no levels if there are no lists, or no nulls.
  const repetition = new Uint8Array(num_values)
  const definition = new Uint8Array(num_values).fill(getMaxDefinitionLevel(decoder.schemaPath))
  repetition.set(decoded.repetitionLevels)
  definition.set(decoded.definitionLevels ?? [])
  return { repetition, definition, values: (start, end) => values.slice(start, end) }
}

/** Decodes only the levels, because few of the thousands of values in a page are needed. */
function plainPage(bytes: Uint8Array, entries: number, decoder: Decoder): Page {
  const { type, element, schemaPath } = decoder
  const reader = readerOf(bytes)
  const repetition = readLevels(reader, entries, getMaxRepetitionLevel(schemaPath), decoder)
  const definition = readLevels(reader, entries, getMaxDefinitionLevel(schemaPath), decoder)
  const { offset } = reader
  const values = (start: number, end: number) => {
    reader.offset = offset + start * (WIDTHS[type] ?? element.type_length ?? 0)
    if (type === 'BYTE_ARRAY')
      for (let i = 0; i < start; i++) reader.offset += 4 + reader.view.getUint32(reader.offset, true)
    // Eight booleans share a byte, so they are read from the first one.
    const skipped = type === 'BOOLEAN' ? 0 : start
    return convert(readPlain(reader, type, end - skipped, element.type_length).slice(start - skipped), decoder)
  }
  return { repetition, definition, values }
}

function readLevels(reader: DataReader, entries: number, max: number, { levels }: Decoder): Uint8Array {
  const found = new Uint8Array(entries)
  if (max === 0) return found
  const { view, offset } = reader
  const size = 4 + view.getUint32(offset, true)
  const key = `${max} ${entries} ${Buffer.from(view.buffer, view.byteOffset + offset, size).toString('latin1')}`
  const known = levels.get(key)
  if (!known) readRleBitPackedHybrid(reader, bitWidth(max), found)
  levels.set(key, known ?? found)
  reader.offset = offset + size
  return known ?? found
}

/** Returns a row's value, or the elements of its list. The first page begins with row 0. */
function valueIn(pages: readonly Page[], row: number, schemaPath: SchemaTree[]): unknown {
  const defined = getMaxDefinitionLevel(schemaPath)
  const list = schemaPath.findLastIndex(({ element }) => element.repetition_type === 'REPEATED')
  // Entries below this level stand for lists that are null or empty.
  const elementLevel = getMaxDefinitionLevel(schemaPath.slice(0, list + 1))
  const found: unknown[] = []
  let current = -1
  for (const { repetition, definition, values } of pages) {
    const levels: number[] = []
    let start = 0
    for (let i = 0; i < repetition.length; i++) {
      if (repetition[i] === 0 && ++current > row) break
      const level = definition[i] as number
      if (current === row) levels.push(level)
      else if (level === defined) start++
    }
    const present = values(start, start + levels.filter(level => level === defined).length).values()
    for (const level of levels) if (level >= elementLevel) found.push(level === defined ? present.next().value : null)
  }
  if (current < row) throw new Error(`a page has ${current + 1} rows, expected at least ${row + 1}`)
  if (list >= 0) return found
  const [value] = found
  // Copy it, so that a stamp does not keep its page in memory.
  return value instanceof Uint8Array ? value.slice() : value
}

function readerOf({ buffer, byteOffset, length }: Uint8Array): DataReader {
  return { view: new DataView(buffer as ArrayBuffer, byteOffset, length), offset: 0 }
}
