import { join } from 'node:path'
import { alertColumns } from '../alerts/compile.ts'
import { listNames, sha256Of, statOptional } from '../core/files.ts'
import { isOwnFile, type Night } from '../night.ts'
import { type ColumnTypes, columnTypes } from '../parquet/column-types.ts'
import type { Paths } from '../paths.ts'
import { readLongs, schemaTypes } from './arrow.ts'
import type { KeptPacket, LakeFile, Manifest } from './manifest.ts'
import { readParquet } from './parquet-reader.ts'

/**
 * Checks that a night in the lake matches its manifest, and has no files that are not in the manifest.
 * @throws Error describing the first fault
 */
export async function checkNight(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  const names = (await listNames(paths.partition(night))).filter(name => isOwnFile(night, name))
  const faults = unexpectedFiles(paths.partition(night), names, manifest.files)
  const [fault] = faults.length > 0 ? faults : await nightFaults(paths, night, manifest)
  if (fault) throw new Error(`${fault}: run make repair`)
}

/**
 * Finds differences between a night in the lake and its manifest. Checks the manifest's counts, the size and SHA-256 of
 * each Parquet file and damaged packet, and the rows, columns and candids of the Parquet files. Does not check the
 * Parquet files of a night that was moved, which were verified at its target.
 */
export async function nightFaults(paths: Paths, night: Night, manifest: Manifest): Promise<string[]> {
  return [...(await lakeFaults(paths, night, manifest)), ...(await packetFaults(paths, night, manifest))]
}

/** Finds differences between a night's manifest and its Parquet files, from which its candidates file can be made again. */
export async function lakeFaults(paths: Paths, night: Night, manifest: Manifest): Promise<string[]> {
  const faults = countFaults(paths.manifest(night), manifest)
  if (manifest.movedTo) return faults
  const { length } = faults
  const types = columnTypes(alertColumns())
  for (const file of manifest.files) {
    const path = join(paths.partition(night), file.name)
    const fault =
      (await byteFault(path, file)) ?? (await parquetFault(path, file, types, manifest).catch(describeReadError))
    if (fault) faults.push(`${path} ${fault}`)
  }
  // Read candids only if all files are intact.
  return faults.length > length ? faults : [...faults, ...(await candidFaults(paths.partition(night), manifest.files))]
}

function countFaults(path: string, manifest: Manifest): string[] {
  const { members, alerts, duplicates, damaged, files } = manifest
  const rows = files.reduce((sum, file) => sum + file.alerts, 0)
  const consistent =
    members === alerts + duplicates + damaged &&
    rows === alerts &&
    duplicates === manifest.duplicateCandids.length &&
    damaged === manifest.damagedPackets.length
  if (consistent) return []
  return [
    `${path} counts ${rows} rows in its files, ${alerts} alerts, ${duplicates} duplicates and ${damaged} damaged, ` +
      `expected a sum of ${members} members`,
  ]
}

/** Checks the size and SHA-256 of each damaged packet that was kept. */
export async function packetFaults(paths: Paths, night: Night, { damagedPackets }: Manifest): Promise<string[]> {
  const folder = paths.badPackets(night)
  const kept = damagedPackets.flatMap(packet => packet.kept ?? [])
  const faults = unexpectedFiles(folder, await listNames(folder), kept)
  for (const packet of kept) {
    const path = join(folder, packet.name)
    const fault = await byteFault(path, packet)
    if (fault) faults.push(`${path} ${fault}`)
  }
  return faults
}

function unexpectedFiles(
  folder: string,
  names: readonly string[],
  records: readonly { readonly name: string }[],
): string[] {
  const recorded = new Set(records.map(({ name }) => name))
  return names.filter(name => !recorded.has(name)).map(name => `${join(folder, name)} is not in the manifest`)
}

/** Checks the size and SHA-256 of a file; returns the fault, or undefined if they match. */
export async function byteFault(
  path: string,
  { bytes, sha256 }: Pick<KeptPacket, 'bytes' | 'sha256'>,
): Promise<string | undefined> {
  try {
    const stat = await statOptional(path)
    if (!stat) return `is missing, expected ${bytes} bytes`
    if (stat.size !== bytes) return `has ${stat.size} bytes, expected ${bytes}`
    const found = await sha256Of(path)
    return found === sha256 ? undefined : `has the SHA-256 ${found}, expected ${sha256}`
  } catch (error) {
    return describeReadError(error)
  }
}

async function parquetFault(path: string, { alerts }: LakeFile, lakeTypes: ColumnTypes, { newColumns }: Manifest) {
  const { rows, schema } = await readParquet(path)
  if (rows !== alerts) return `has ${rows} rows, expected ${alerts}`
  const found = schemaTypes(schema)
  const [column, type] = [...lakeTypes].find(([column, type]) => found.get(column) !== type) ?? []
  if (column)
    return found.has(column)
      ? `has the column ${column} as ${found.get(column)}, expected ${type}`
      : `lacks the column ${column}`
  const known = new Set(newColumns)
  const unknown = [...found.keys()].find(column => !lakeTypes.has(column) && !known.has(column))
  return unknown && `has the column ${unknown}, which is neither one of the lake's nor listed as new in its manifest`
}

async function candidFaults(folder: string, files: readonly LakeFile[]): Promise<string[]> {
  const all = new BigInt64Array(files.reduce((sum, { alerts }) => sum + alerts, 0))
  let count = 0
  for (const { name, alerts } of files) {
    const candids = readLongs((await readParquet(join(folder, name), ['candid'])).columns, 'candid')
    if (candids.length !== alerts) return [`${join(folder, name)} has ${candids.length} candids, expected ${alerts}`]
    all.set(candids, count)
    count += alerts
  }
  const duplicate = all.sort().find((candid, i) => candid === all[i - 1])
  return duplicate === undefined ? [] : [`${folder} has the alert ${duplicate} of this night twice, expected once`]
}

/** Codes of errors not caused by a file's content: too many open files, no permission, stale NFS handle, no memory. */
const ENVIRONMENT_ERRORS = new Set(['EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'ESTALE', 'ENOMEM'])

/** Describes why a file cannot be read. Rethrows errors not caused by its content, such as a wasm abort. */
export function describeReadError(error: unknown): string {
  if (ENVIRONMENT_ERRORS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  if (error instanceof Error && error.name === 'RuntimeError') throw error
  // parquet-wasm also throws strings.
  return `cannot be read: ${error instanceof Error ? error.message : error}`
}
