import { join } from 'node:path'
import { alertColumns } from '../alerts/compile.ts'
import { listNames, sha256Of, statOptional } from '../core/files.ts'
import { isOwnFile, type Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { type ColumnTypes, longsOf, typesOf, typesOfSchema } from './arrow.ts'
import type { KeptPacket, LakeFile, Manifest } from './manifest.ts'
import { columnOf, rowsOf, schemaOf } from './parquet.ts'

/**
 * Checks a night in the lake against its manifest, and that there is no other file of the night.
 * @throws Error in one sentence that names the first file that is not right, what was found and what was expected
 */
export async function checkNight(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  const own = (await listNames(paths.partition(night))).filter(name => isOwnFile(night, name))
  const faults = tooMany(paths.partition(night), own, manifest.files)
  const [fault] = faults.length > 0 ? faults : await faultsOf(paths, night, manifest)
  if (fault) throw new Error(`${fault}: run make repair`)
}

/**
 * What is not as a night's manifest says, in half a sentence each. Its counts are to add up; each file is to be there
 * with the bytes, SHA-256, rows and columns that it should have, each alert once, and its damaged packets.
 */
export async function faultsOf(paths: Paths, night: Night, manifest: Manifest): Promise<string[]> {
  const faults = [...miscounts(paths.manifest(night), manifest), ...(await packetFaults(paths, night, manifest))]
  const found = faults.length
  const types = typesOf(alertColumns())
  for (const file of manifest.files) {
    const path = join(paths.partition(night), file.name)
    const fault = (await byteFault(path, file)) ?? (await parquetFault(path, file, types, manifest).catch(unreadable))
    if (fault) faults.push(`${path} ${fault}`)
  }
  // What the files hold together is worth a look only where each of them is right.
  return faults.length > found ? faults : [...faults, ...(await candidFaults(paths.partition(night), manifest.files))]
}

function miscounts(path: string, manifest: Manifest): string[] {
  const { members, alerts, duplicates, damaged, files } = manifest
  const rows = files.reduce((sum, file) => sum + file.alerts, 0)
  const right =
    members === alerts + duplicates + damaged &&
    rows === alerts &&
    duplicates === manifest.duplicateCandids.length &&
    damaged === manifest.damagedPackets.length
  if (right) return []
  return [
    `${path} counts ${rows} rows in its files, ${alerts} alerts, ${duplicates} duplicates and ${damaged} damaged, ` +
      `expected what adds up to ${members} members`,
  ]
}

async function packetFaults(paths: Paths, night: Night, { damagedPackets }: Manifest): Promise<string[]> {
  const folder = paths.badPackets(night)
  const kept = damagedPackets.flatMap(packet => packet.kept ?? [])
  const faults = tooMany(folder, await listNames(folder), kept)
  for (const packet of kept) {
    const path = join(folder, packet.name)
    const fault = await byteFault(path, packet)
    if (fault) faults.push(`${path} ${fault}`)
  }
  return faults
}

function tooMany(folder: string, names: readonly string[], records: readonly { readonly name: string }[]): string[] {
  const recorded = new Set(records.map(({ name }) => name))
  return names
    .filter(name => !recorded.has(name))
    .map(name => `${join(folder, name)} is there, expected no file but those of its manifest`)
}

/** How a file's bytes differ from their record; what is cheap to tell comes first. */
async function byteFault(path: string, { bytes, sha256 }: KeptPacket): Promise<string | undefined> {
  try {
    const stat = await statOptional(path)
    if (!stat) return `is not there, expected ${bytes} bytes`
    if (stat.size !== bytes) return `has ${stat.size} bytes, expected ${bytes}`
    const found = await sha256Of(path)
    return found === sha256 ? undefined : `has the SHA-256 ${found}, expected ${sha256}`
  } catch (error) {
    return unreadable(error)
  }
}

/** @param expected the types of the lake's columns, by their paths */
async function parquetFault(path: string, { alerts }: LakeFile, expected: ColumnTypes, { newColumns }: Manifest) {
  const rows = await rowsOf(path)
  if (rows !== alerts) return `has ${rows} rows, expected ${alerts}`
  const found = typesOfSchema(await schemaOf(path))
  const wrong = [...expected].find(([column, type]) => found.get(column) !== type)
  if (wrong) return `has the column ${wrong[0]} as ${found.get(wrong[0]) ?? 'none'}, expected ${wrong[1]}`
  const known = new Set(newColumns)
  const unknown = [...found.keys()].find(column => !expected.has(column) && !known.has(column))
  return unknown && `has the column ${unknown}, expected none but the lake's and those that its manifest calls new`
}

async function candidFaults(folder: string, files: readonly LakeFile[]): Promise<string[]> {
  const all = new BigInt64Array(files.reduce((sum, { alerts }) => sum + alerts, 0))
  let count = 0
  for (const { name, alerts } of files) {
    const candids = longsOf(await columnOf(join(folder, name), 'candid'), 'candid')
    if (candids.length !== alerts) return [`${join(folder, name)} has ${candids.length} candids, expected ${alerts}`]
    all.set(candids, count)
    count += alerts
  }
  const twice = all.sort().find((candid, i) => candid === all[i - 1])
  return twice === undefined ? [] : [`${folder} has the alert ${twice} of this night twice, expected each once`]
}

/** What says nothing of the file: that this process may read no more of them, or not this one, or not now. */
const NO_FAULT = new Set(['EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'ESTALE', 'ENOMEM'])

/** A panic of wasm is no fault of the file either. parquet-wasm throws texts too. */
function unreadable(error: unknown): string {
  if (NO_FAULT.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  if (error instanceof Error && error.name === 'RuntimeError') throw error
  return `cannot be read: ${error instanceof Error ? error.message : error}`
}
