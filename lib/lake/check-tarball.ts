import { copyFile, mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
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

/**
 * Compares a night in the lake with its tarball, by converting the tarball again into a temporary lake.
 * @returns differences in the manifest and in alerts; undefined if the tarball is not on disk
 * @throws Error if the tarball's content does not match its cached MD5, or cannot be converted
 */
export async function tarballFaults(paths: Paths, night: Night, manifest: Manifest): Promise<string[] | undefined> {
  if (!(await statOptional(paths.tarball(night)))) return undefined
  const { md5 } = await receiptOf(paths, night)
  if (md5 !== manifest.md5)
    return [`${paths.tarball(night)} has the MD5 ${md5}, expected ${manifest.md5} as in the manifest`]
  const temporary = new Paths(await createStaging(paths, night))
  try {
    const again = await convertAgain(paths, night, manifest, temporary)
    return [
      ...recordFaults(paths, night, manifest, again),
      ...(await alertFaults(paths, night, manifest, temporary, again)),
    ]
  } finally {
    await remove(temporary.data)
  }
}

async function convertAgain(paths: Paths, night: Night, manifest: Manifest, temporary: Paths): Promise<Manifest> {
  await mkdir(temporary.tarballs)
  await symlink(resolve(paths.tarball(night)), temporary.tarball(night))
  // New columns get the same names only if those of the other nights are known.
  await mkdir(temporary.lake)
  if (await exists(paths.commonMetadata)) await copyFile(paths.commonMetadata, temporary.commonMetadata)
  const settings = { codec: manifest.codec as Codec, alertsPerFile: manifest.alertsPerFile }
  const again = await convertNight(temporary, night, settings, undefined)
  if (again.md5 === manifest.md5) return again
  throw new Error(
    `${paths.tarball(night)} has the MD5 ${again.md5}, expected ${manifest.md5}: delete it and run make download`,
  )
}

function recordFaults(paths: Paths, night: Night, manifest: Manifest, again: Manifest): string[] {
  const packets = ({ damagedPackets }: Manifest) => damagedPackets.map(({ member, kept }) => [member, kept?.sha256])
  const differing = COMPARED.filter(name => !isEqual(manifest[name], again[name]))
  const faults = differing.map(name => `${short(manifest[name])} as ${name}, expected ${short(again[name])}`)
  if (!isEqual(packets(manifest), packets(again))) faults.push('damaged packets other than those of its tarball')
  return faults.map(fault => `${paths.manifest(night)} has ${fault}`)
}

/** Compares the alerts if the files differ, because another writer version may encode the same alerts differently. */
async function alertFaults(paths: Paths, night: Night, manifest: Manifest, temporary: Paths, again: Manifest) {
  const hashes = ({ files }: Manifest) => files.map(({ sha256 }) => sha256)
  if (isEqual(hashes(manifest), hashes(again))) {
    const isSame = !manifest.candidates || manifest.candidates.sha256 === again.candidates?.sha256
    return isSame ? [] : [`${paths.candidatesFile(night)} has other rows than its alerts give`]
  }
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
