import { mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
import { literalPath, query } from '../core/duckdb.ts'
import { remove, statOptional } from '../core/files.ts'
import type { Night } from '../night.ts'
import { Paths } from '../paths.ts'
import { convertNight } from './convert.ts'
import type { Manifest } from './manifest.ts'
import type { Codec } from './parquet.ts'
import { createStaging } from './publish.ts'

/** What two readings of one tarball have in common, whatever has become of the writer in between. */
const ALIKE = ['state', 'tarBytes', 'members', 'alerts', 'duplicateCandids', 'damaged', 'schemaVersions'] as const
/** Alerts that are named, of those that differ. */
const NAMED = 3

/**
 * Compares a night in the lake with its tarball, which is converted once more, into a lake of its own that is hidden in
 * ours and goes again.
 * @returns what differs, alert by alert; undefined where the tarball that was converted is not on disk
 * @throws Error in one sentence where the tarball has changed on the disk, or cannot be converted
 */
export async function deepFaults(paths: Paths, night: Night, manifest: Manifest): Promise<string[] | undefined> {
  if (!(await statOptional(paths.tarball(night)))) return undefined
  const { md5 } = await receiptOf(paths, night)
  if (md5 !== manifest.md5)
    return [`${paths.tarball(night)} has the md5 ${md5}, expected that of the manifest, ${manifest.md5}`]
  const aside = new Paths(await createStaging(paths, night))
  try {
    const again = await convertAgain(paths, night, manifest, aside)
    return [
      ...recordFaults(paths, night, manifest, again),
      ...(await alertFaults(paths, night, manifest, aside, again)),
    ]
  } finally {
    await remove(aside.data)
  }
}

async function convertAgain(paths: Paths, night: Night, manifest: Manifest, aside: Paths): Promise<Manifest> {
  await mkdir(aside.tarballs)
  await symlink(resolve(paths.tarball(night)), aside.tarball(night))
  const settings = { codec: manifest.codec as Codec, alertsPerFile: manifest.alertsPerFile }
  const again = await convertNight(aside, night, settings, undefined)
  if (again.md5 === manifest.md5) return again
  throw new Error(
    `${paths.tarball(night)} has the md5 ${again.md5}, expected ${manifest.md5}: delete it and run make download`,
  )
}

function recordFaults(paths: Paths, night: Night, manifest: Manifest, again: Manifest): string[] {
  const packets = ({ damagedPackets }: Manifest) => damagedPackets.map(({ member, kept }) => [member, kept?.sha256])
  const differing = ALIKE.filter(name => !isAlike(manifest[name], again[name]))
  const faults = differing.map(name => `${short(manifest[name])} as ${name}, expected ${short(again[name])}`)
  if (!isAlike(packets(manifest), packets(again))) faults.push('other damaged packets than its tarball')
  return faults.map(fault => `${paths.manifest(night)} has ${fault}`)
}

/** Bytes may differ where another version of the writer wrote them; alerts may not. */
async function alertFaults(paths: Paths, night: Night, manifest: Manifest, aside: Paths, again: Manifest) {
  const hashes = ({ files }: Manifest) => files.map(({ sha256 }) => sha256)
  if (isAlike(hashes(manifest), hashes(again))) return []
  const [was, is] = [alertsIn(paths, night, manifest), alertsIn(aside, night, again)]
  const rows = await query(`with was as (${was}), tar as (${is})
    select candid, case when was.bits is null then 'is missing' when tar.bits is null then 'is not of its tarball'
      else 'differs from its tarball' end as fault
    from was full join tar using (candid)
    where (was.bits, was.text) is distinct from (tar.bits, tar.text) order by candid`)
  const more = rows.length > NAMED ? [`${rows.length - NAMED} more alerts differ`] : []
  return [...rows.slice(0, NAMED).map(({ candid, fault }) => `its alert ${candid} ${fault}`), ...more]
}

/** The query that gives of each alert what tells it from another: a hash takes -0 for 0, a text does not. */
function alertsIn(paths: Paths, night: Night, { files }: Manifest): string {
  if (files.length === 0) return "select 0::bigint as candid, 0::ubigint as bits, '' as text where false"
  const names = files.map(({ name }) => literalPath(join(paths.partition(night), name)))
  return `select candid, hash(alert) as bits, md5(row(candidate, prv_candidates, fp_hists)::varchar) as text
    from read_parquet([${names}], hive_partitioning = false, union_by_name = true) as alert`
}

function isAlike(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
