import { copyFile, mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { verifiedReceipt, writeReceipt } from '../archive/receipts.ts'
import { literalPath, query } from '../core/duckdb.ts'
import { exists, remove, statOptional } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Codec } from '../parquet/codecs.ts'
import { Paths } from '../paths.ts'
import { convertNight } from './convert.ts'
import type { Manifest } from './manifest.ts'
import { createStaging } from './publish.ts'

/** Manifest fields that do not depend on the writer's version. */
const COMPARED = ['state', 'tarBytes', 'members', 'alerts', 'duplicateCandids', 'damaged', 'schemaVersions'] as const
const MAX_ALERTS_SHOWN = 3

export interface TarballFaults {
  /** Differences of the night in the lake, in its manifest and in alerts. */
  readonly night: readonly string[]
  /** Why the tarball is not the converted one, and what to do, if the night in the lake is not at fault. */
  readonly tarball?: string
}

/**
 * Compares a night in the lake with its tarball, by converting the tarball again into a temporary lake. Computes the
 * tarball's MD5 and corrects its receipt.
 * @returns undefined if the tarball is not on disk
 * @throws Error if the tarball has the MD5 in the manifest, but cannot be converted
 */
export async function tarballFaults(
  paths: Paths,
  night: Night,
  manifest: Manifest,
): Promise<TarballFaults | undefined> {
  if (!(await statOptional(paths.tarball(night)))) return undefined
  const { md5 } = await verifiedReceipt(paths, night)
  const temporary = new Paths(await createStaging(paths, night))
  const comparison = { paths, night, manifest, temporary }
  try {
    const again = convertAgain(comparison, md5)
    if (md5 === manifest.md5) return { night: await differences(comparison, await again) }
    return await otherTarballFaults(comparison, md5, await again.catch(() => undefined))
  } finally {
    await remove(temporary.data)
  }
}

interface Comparison {
  readonly paths: Paths
  readonly night: Night
  readonly manifest: Manifest
  /** Data folder of the lake that is made from the tarball. */
  readonly temporary: Paths
}

async function convertAgain({ paths, night, manifest, temporary }: Comparison, md5: string): Promise<Manifest> {
  await mkdir(temporary.tarballs)
  await symlink(resolve(paths.tarball(night)), temporary.tarball(night))
  // New columns get the same names only if those of the other nights are known.
  await mkdir(temporary.lake)
  if (await exists(paths.commonMetadata)) await copyFile(paths.commonMetadata, temporary.commonMetadata)
  await writeReceipt(temporary, night, temporary.tarball(night), undefined, md5)
  const settings = { codec: manifest.codec as Codec, alertsPerFile: manifest.alertsPerFile }
  return convertNight(temporary, night, settings, undefined)
}

/** @param again manifest of the tarball in the temporary lake */
async function differences(comparison: Comparison, again: Manifest): Promise<string[]> {
  return [...recordFaults(comparison, again), ...(await alertFaults(comparison, again))]
}

/**
 * Finds out whether the lake or the tarball is wrong if their MD5s differ.
 * @param again manifest of the tarball; undefined if it cannot be converted
 */
async function otherTarballFaults(
  comparison: Comparison,
  md5: string,
  again: Manifest | undefined,
): Promise<TarballFaults> {
  const { paths, night, manifest } = comparison
  const found = `${paths.tarball(night)} has the MD5 ${md5}, expected ${manifest.md5}`
  // An earlier version believed the receipt of a tarball whose bits had flipped. A whole tarball with the same alerts may
  // merely have been compressed again.
  if (again?.state === 'salvaged' && !manifest.movedTo && (await differences(comparison, again)).length === 0)
    return { night: [`${found}, but the night was converted from it`] }
  const advice =
    again?.state === 'whole'
      ? 'run make lake, which converts it, or moves it away if the archive lists the converted one'
      : 'it is damaged: delete it, because the night in the lake was converted from another one'
  return { night: [], tarball: `${found}: ${advice}` }
}

function recordFaults({ paths, night, manifest }: Comparison, again: Manifest): string[] {
  const packets = ({ damagedPackets }: Manifest) => damagedPackets.map(({ member, kept }) => [member, kept?.sha256])
  const differing = COMPARED.filter(name => !isEqual(manifest[name], again[name]))
  const faults = differing.map(name => `${short(manifest[name])} as ${name}, expected ${short(again[name])}`)
  if (!isEqual(packets(manifest), packets(again))) faults.push('damaged packets other than those of its tarball')
  return faults.map(fault => `${paths.manifest(night)} has ${fault}`)
}

/**
 * Compares the alerts if the files differ, because another writer version may encode the same alerts differently. Those of a
 * night that was moved are not here to be compared.
 */
async function alertFaults({ paths, night, manifest, temporary }: Comparison, again: Manifest): Promise<string[]> {
  const hashes = ({ files }: Manifest) => files.map(({ sha256 }) => sha256)
  if (isEqual(hashes(manifest), hashes(again))) {
    const isSame = !manifest.candidates || manifest.candidates.sha256 === again.candidates?.sha256
    return isSame ? [] : [`${paths.candidatesFile(night)} has other rows than its alerts give`]
  }
  if (manifest.movedTo)
    return manifest.writer === again.writer
      ? [`its files, which were moved to ${manifest.movedTo}, are not those that its tarball gives`]
      : []
  const [lake, tarball] = [hashesSql(paths, night, manifest), hashesSql(temporary, night, again)]
  const rows = await query(`with lake as (${lake}), tarball as (${tarball})
    select candid, case when lake.bits is null then 'is missing' when tarball.bits is null then 'is not in its tarball'
      else 'differs from its tarball' end as fault
    from lake full join tarball using (candid)
    where (lake.bits, lake.text) is distinct from (tarball.bits, tarball.text) order by candid`)
  const more = rows.length > MAX_ALERTS_SHOWN ? [`${rows.length - MAX_ALERTS_SHOWN} more alerts differ`] : []
  return [...rows.slice(0, MAX_ALERTS_SHOWN).map(({ candid, fault }) => `its alert ${candid} ${fault}`), ...more]
}

/**
 * Returns SQL that computes two hashes per alert, because DuckDB's `hash` treats -0 and 0 as equal. The MD5 of the text
 * tells them apart.
 */
function hashesSql(paths: Paths, night: Night, { files }: Manifest): string {
  if (files.length === 0) return "select 0::bigint as candid, 0::ubigint as bits, '' as text where false"
  const names = files.map(({ name }) => literalPath(join(paths.partition(night), name)))
  return `select candid, hash(alert) as bits, md5(row(candidate, prv_candidates, fp_hists)::varchar) as text
    from read_parquet([${names}], hive_partitioning = false, union_by_name = true) as alert`
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
