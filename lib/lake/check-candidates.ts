import { join } from 'node:path'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { readInts, readLongs } from './arrow.ts'
import { byteFault, describeReadError } from './check-night.ts'
import type { Manifest } from './manifest.ts'
import { readParquet } from './parquet-reader.ts'

/**
 * Finds differences between a night's candidates file, its manifest and its files in the lake: the file must have the
 * recorded bytes, and each alert of the lake once. Call only if the night's lake files are intact.
 *
 * A night that an earlier version converted has no candidates file, and so no faults. That of a night whose lake files were
 * moved can only be compared with its manifest.
 */
export async function candidatesFaults(paths: Paths, night: Night, manifest: Manifest): Promise<string[]> {
  if (!manifest.candidates) return []
  const path = paths.candidatesFile(night)
  const places = () => placesFault(paths, night, manifest).catch(describeReadError)
  const fault = (await byteFault(path, manifest.candidates)) ?? (manifest.movedTo ? undefined : await places())
  return fault ? [`${path} ${fault}`] : []
}

async function placesFault(paths: Paths, night: Night, { files, alerts }: Manifest): Promise<string | undefined> {
  const { columns } = await readParquet(paths.candidatesFile(night), ['candid', 'lake_file', 'lake_row'])
  const candids = readLongs(columns, 'candid')
  const [fileNumbers, rows] = [readInts(columns, 'lake_file'), readInts(columns, 'lake_row')]
  if (candids.length !== alerts) return `has ${candids.length} rows, expected ${alerts}`
  const inLake: BigInt64Array[] = []
  for (const { name } of files)
    inLake.push(readLongs((await readParquet(join(paths.partition(night), name), ['candid'])).columns, 'candid'))
  const seen = inLake.map(({ length }) => new Uint8Array(length))
  for (const [i, candid] of candids.entries()) {
    const [file, row] = [fileNumbers[i] as number, rows[i] as number]
    if (inLake[file]?.[row] !== candid) return `has the alert ${candid} at row ${row} of file ${file}, where it is not`
    const rowsSeen = seen[file] as Uint8Array
    if (rowsSeen[row] === 1) return `has the alert ${candid} twice`
    rowsSeen[row] = 1
  }
  return undefined
}
