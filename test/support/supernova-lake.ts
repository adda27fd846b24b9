import assert from 'node:assert/strict'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { glob } from '../../lib/core/files.ts'
import { candidDates } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { supernovaNights, type Visit, visits } from '../../lib/synthetic/supernova.ts'
import { convert, dataFolder } from './data-folder.ts'
import { makeIndex } from './index.ts'
import { ask } from './lake-reader.ts'

/** The first nights of the synthetic supernova: enough for a light curve, and quick to convert. */
export const NIGHTS = supernovaNights().slice(0, 8)
/** The visits of these nights with a detection, oldest first. */
export const DETECTED = visits().filter(
  ({ isDetected, candid }) => isDetected && NIGHTS.some(({ name }) => name.includes(dateOfCandid(candid))),
)
export const NEWEST = DETECTED.at(-1) as Visit

/** A lake of `NIGHTS`, with an index. */
export async function supernovaLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  await makeIndex(paths)
  return paths
}

export function dateOfCandid(candid: bigint): string {
  return candidDates(candid)[0] as string
}

export function partitionOf(date: string): string {
  return `year=${date.slice(0, 4)}/month=${date.slice(4, 6)}/day=${date.slice(6)}`
}

/** Makes the Parquet files of all other nights unreadable. */
export async function corruptOtherNights(paths: Paths, date: string): Promise<void> {
  const others = (await glob(paths.lake, 'year=*/**/*.parquet')).filter(name => !name.startsWith(partitionOf(date)))
  assert.equal(others.length, NIGHTS.length - 1)
  for (const name of others) await writeFile(join(paths.lake, name), 'not a Parquet file')
}

/** Overwrites the stamps in the files of all other nights; returns the number of column chunks overwritten. */
export async function corruptOtherStamps(paths: Paths, dates: readonly string[]): Promise<number> {
  const chunks = await ask(
    paths,
    `select file_name as file, data_page_offset as start, total_compressed_size as size from parquet_metadata(LAKE)
     where path_in_schema like 'cutout%stampData' and ${dates.map(date => `file_name not like '%${date}%'`).join(' and ')}`,
  )
  for (const { file, start, size } of chunks) {
    const handle = await open(file as string, 'r+')
    await handle.write(Buffer.alloc(Number(size), 0xff), 0, Number(size), Number(start))
    await handle.close()
  }
  return chunks.length
}
