import type { Codec } from './codecs.ts'
import type { LeafColumn, StructColumn } from './columns.ts'
import { encodePage, type Page } from './pages.ts'
import { type Range, unionOf } from './statistics.ts'
import { bloomFilter } from './thrift.ts'

/** Columns with an index for lookups, by path, e.g. `candidate.jd`. */
export interface Indexed {
  /** Columns with a ColumnIndex: the range of each page. */
  readonly pageRanges: ReadonlySet<string>
  /** String columns with a Bloom filter. */
  readonly bloomFilters: ReadonlySet<string>
}

/** Maximum length in bytes of a string in a Bloom filter, because hashing takes 1 us per 10 bytes. */
const MAX_HASHED_BYTES = 256

/** The pages of a leaf in one row group. */
export class ColumnChunk {
  readonly leaf: LeafColumn
  /** Structs above the leaf, up to the innermost list. They share the leaf's entries. */
  private readonly parents: readonly StructColumn[]
  /** Names of the columns from the root to the leaf, with `list` and `element` for a list. */
  readonly path: readonly string[]
  readonly codec: Codec
  /** The path in one, e.g. `candidate.jd`. */
  readonly name: string
  readonly hasPageRanges: boolean
  readonly pages: Page[] = []
  /** Distinct strings for the Bloom filter; undefined if the chunk gets none. */
  private hashed: Set<string> | undefined
  /** First entry and row of the current page. */
  private start = 0
  private firstRow = 0

  constructor(
    leaf: LeafColumn,
    parents: readonly StructColumn[],
    path: readonly string[],
    codec: Codec,
    indexed: Indexed,
  ) {
    this.name = path.join('.')
    this.leaf = leaf
    this.parents = parents
    this.path = path
    // Byte strings are stored as they are: ZTF's are gzipped images.
    this.codec = leaf.type === 'bytes' ? 'none' : codec
    this.hasPageRanges = indexed.pageRanges.has(this.name)
    if (indexed.bloomFilters.has(this.name) && leaf.type === 'string') this.hashed = new Set()
  }

  /** Range of the whole chunk; undefined if it has no values, or if a page lacks a range, e.g. due to a long string. */
  get range(): Range | undefined {
    const ranges = this.pages.flatMap(({ range }) => range ?? [])
    const isComplete = this.pages.every(({ range, entries, nulls }) => range || nulls === entries || this.isFloat)
    return isComplete && ranges.length > 0 ? unionOf(this.leaf.type, ranges) : undefined
  }

  get bloomFilter(): Uint8Array | undefined {
    return this.hashed && bloomFilter(this.hashed)
  }

  /**
   * Ends the current page after the last row in the columns; does nothing if the page is empty.
   *
   * @param nextRow index in the row group of the row after it
   * @returns the size of the page in bytes
   */
  endPage(nextRow: number): number {
    const end = this.leaf.entries.count
    if (end === this.start) return 0
    this.completeLevels(end)
    if (this.hashed) this.collectStrings()
    const page = encodePage(this.leaf, this.start, end, this.firstRow, this.codec)
    this.pages.push(page)
    this.start = end
    this.firstRow = nextRow
    return page.size
  }

  /** Makes the leaf number its entries from 0 again. Call after `endPage`. */
  restartEntries(): void {
    this.leaf.clearLevels(0, this.start)
    this.start = 0
  }

  /** Sets the levels of entries whose values are missing because a list or struct above them is null or empty. */
  private completeLevels(end: number): void {
    this.leaf.ensureLevels(end)
    const { definition, entries } = this.leaf
    const { placeholders } = entries
    for (let entry = this.start; entry < end; entry++) {
      const placeholder = placeholders[entry] as number
      if (placeholder > 0) definition[entry] = placeholder - 1
    }
    for (const { nulls, definedLevel } of this.parents) for (const entry of nulls) definition[entry] = definedLevel - 1
  }

  /** A float page without a range may have values: it holds only NaN, which does not count in statistics. */
  private get isFloat(): boolean {
    return this.leaf.type === 'float' || this.leaf.type === 'double'
  }

  private collectStrings(): void {
    const { bytes, length } = this.leaf
    const values = Buffer.from(bytes.buffer, 0, length)
    for (let at = 0; at < length && this.hashed; ) {
      const end = at + 4 + values.readUInt32LE(at)
      // A filter that lacks a string would hide its rows from readers, so write none.
      if (end - at > MAX_HASHED_BYTES) this.hashed = undefined
      else this.hashed.add(values.toString('utf8', at + 4, end))
      at = end
    }
  }
}
