import { stat } from 'node:fs/promises'
import { RECORDS } from '../alerts/fields.ts'
import { DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { sha256Of } from '../core/files.ts'
import type { Night } from '../night.ts'
import { WRITER } from '../paths.ts'
import { HEALPIX_ORDER, pixelOf } from '../sky/healpix.ts'
import type { CandidatesFile, LakeFile } from './manifest.ts'

/** Number of entries in the two histories of each alert, in the order of the rows of a lake file. */
export interface HistoryLengths {
  readonly prvCandidates: number[]
  readonly fpHists: number[]
}

/** A night's files, from which its candidates file is made. */
export interface CandidatesSource {
  readonly night: Night
  readonly md5: string
  /** Paths of the night's Parquet files, in the order of their numbers, and the history lengths of each. */
  readonly files: readonly { readonly path: string; readonly lengths: HistoryLengths }[]
}

/** Result of `writeCandidates`. `ranges` are in the order of the lake's files. */
export interface WrittenCandidates extends CandidatesFile {
  readonly ranges: readonly Required<Pick<LakeFile, 'candid' | 'jd'>>[]
}

/** Name of the column with the HEALPix pixel, which states the order. Pixels are nested. */
export const PIXEL = `healpix${HEALPIX_ORDER}`

/** Columns that the table has besides `objectId`, `candid`, `schemavsn` and the fields of `candidate`; all are int32. */
export const ADDED_COLUMNS: Readonly<Record<string, string>> = {
  num_prv_candidates: 'Number of entries in prv_candidates',
  num_fp_hists: 'Number of entries in fp_hists',
  [PIXEL]: `HEALPix pixel of ra and dec: nested, order ${HEALPIX_ORDER} (26 arcsec across); null without a position`,
  lake_file: 'File of the lake that has the whole alert: the number at the end of its name',
  lake_row: 'Row of the alert in that file, counted from 0',
}

/** Maximum memory for sorting a night, in bytes: enough for 150,000 alerts. Larger nights need temporary files. */
const MEMORY = 192 << 20

/** Small, because DuckDB holds a row group in memory until it is written. Footers are read whole by every query. */
const ROW_GROUP_SIZE = 40_960

/**
 * Writes the rows of the candidates table for one night: one row per alert, sorted by `objectId` and `jd`.
 *
 * The table has the same columns in all nights, so that readers need no options. Fields that are newer than this version
 * are only in the lake.
 *
 * @param path where to write the file
 */
export async function writeCandidates(source: CandidatesSource, path: string): Promise<WrittenCandidates> {
  // One thread, because workers already use all cores.
  const database = await DuckDB.open({ threads: 1, memory: MEMORY, temporary: `${path}.tmp` })
  try {
    await defineFunctions(database, source)
    await database.query(copyStatement(source, path))
    const ranges = await database.query(
      `select min(candid)::varchar as first, max(candid)::varchar as last, min(jd) as start, max(jd) as stop
       from read_parquet(${literalPath(path)}, hive_partitioning = false) group by lake_file order by lake_file`,
    )
    return {
      bytes: (await stat(path)).size,
      sha256: await sha256Of(path),
      ranges: ranges.map(({ first, last, start, stop }) => ({
        candid: [first as string, last as string],
        jd: [start as number | null, stop as number | null],
      })),
    }
  } finally {
    database.close()
  }
}

/** Number of bits for the length of a list: `LIMITS.alertElements` is 1 << 14. */
const LENGTH_BITS = 15

async function defineFunctions(database: DuckDB, { files }: CandidatesSource): Promise<void> {
  await database.define({
    name: 'pixel',
    parameters: ['DOUBLE', 'DOUBLE'],
    returns: 'INTEGER',
    call: (ra, dec) => pixelOf(ra ?? Number.NaN, dec ?? Number.NaN),
  })
  // Return both lengths from one function, because a call takes as long as sorting the row.
  await database.define({
    name: 'history_lengths',
    parameters: ['INTEGER', 'INTEGER'],
    returns: 'INTEGER',
    call: (file, row) => {
      const lengths = files[file ?? -1]?.lengths
      const [prvCandidates = 0, fpHists = 0] = [lengths?.prvCandidates[row ?? -1], lengths?.fpHists[row ?? -1]]
      return (prvCandidates << LENGTH_BITS) | fpHists
    },
  })
}

function copyStatement({ night, md5, files }: CandidatesSource, path: string): string {
  const fields = RECORDS.candidate.map(({ name }) => name).filter(name => name !== 'candid')
  const metadata = JSON.stringify({ writer: WRITER, tarball: night.name, tarball_md5: md5 })
  return `copy (
    select objectId, candid, schemavsn, ${fields.map(name => `candidate.${name} as ${name}`).join(', ')},
      lengths >> ${LENGTH_BITS} as num_prv_candidates, lengths & ${(1 << LENGTH_BITS) - 1} as num_fp_hists,
      pixel(candidate.ra, candidate.dec) as ${PIXEL}, file_index::int as lake_file, file_row_number::int as lake_row
    from (select objectId, candid, schemavsn, candidate, file_index, file_row_number,
        history_lengths(file_index::int, file_row_number::int) as lengths
      from read_parquet([${files.map(file => literalPath(file.path))}], hive_partitioning = false))
    order by objectId, jd, candid, lake_file, lake_row
  ) to ${literal(path)} (format parquet, compression zstd, row_group_size ${ROW_GROUP_SIZE}, kv_metadata {ztf_lake: ${literal(metadata)}})`
}
