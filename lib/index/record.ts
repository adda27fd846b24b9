import { readOptional, writeChanged } from '../core/files.ts'
import { seal, unseal } from '../lake/manifest.ts'
import type { Paths } from '../paths.ts'

/** The two orders of the index. */
export const ORDERS = ['objects', 'positions'] as const
export type Order = (typeof ORDERS)[number]

/** Content of `index/_inputs.json`, which is written last: what the index and the lake's lists were made from. */
export interface IndexRecord {
  /** By month, `YYYYMM`. */
  readonly months: Readonly<Record<string, IndexedMonth>>
  /** The lists of the lake's files; absent until they have been written. */
  readonly lists?: LakeLists
  /** SHA-256 of `_common_metadata`, if there is one. Recorded only at a target. */
  readonly commonMetadata?: string
}

export interface LakeLists {
  /** Hash of the records of all files in the lake. */
  readonly inputs: string
  /** SHA-256 of `_files.parquet` and of `_SHA256SUMS`. */
  readonly files: string
  readonly checksums: string
}

export interface IndexedMonth {
  /** Hash of the month's candidates files. */
  readonly inputs: string
  /** Number of alerts, which is that of rows in each order. */
  readonly alerts: number
  /** SHA-256 of the month's files. */
  readonly sha256: Readonly<Record<Order, string>>
}

const NONE: IndexRecord = { months: {} }

/** Returns the record; one without months if it is missing or corrupt, since the index can be made again. */
export async function readRecord(paths: Paths): Promise<IndexRecord> {
  return unseal<IndexRecord>((await readOptional(paths.indexRecord)) ?? '') ?? NONE
}

export async function writeRecord(paths: Paths, { months, lists }: IndexRecord): Promise<void> {
  await writeChanged(paths.indexRecord, recordText({ months, ...(lists && { lists }) }))
}

/** The text of a record, in which the months are in order. */
export function recordText({ months, ...rest }: IndexRecord): string {
  const sorted = Object.fromEntries(Object.entries(months).sort(([a], [b]) => (a < b ? -1 : 1)))
  return seal({ months: sorted, ...rest })
}
