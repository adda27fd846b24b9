import { utimes } from 'node:fs/promises'
import type { ListedFile } from '../archive/listing.ts'
import { writeListingFile } from '../archive/listing-file.ts'
import { type Manifest, writeManifest } from '../lake/manifest.ts'
import { datesBetween, type Night, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import { nightName } from './night.ts'
import { Random } from './random.ts'

/** When the archive's alerts changed their schema. */
const SCHEMAS = [
  ['20180601', '1.8'],
  ['20180719', '3.0'],
  ['20180920', '3.1'],
  ['20190619', '3.3'],
  ['20230901', '4.01'],
  ['20231101', '4.02'],
] as const
const ALERT = 46_800
/** Conversion of one night after the other, from here on, with a pause of a day after so many. */
const BEGUN = Date.UTC(2026, 5, 20, 8)
const RUN = 400

/** A survey's record without its alerts: a listing, and the manifests of the nights in the lake. */
export interface Survey {
  readonly listing: readonly ListedFile[]
  readonly manifests: readonly Manifest[]
}

/**
 * Years of nights that look like the real ones: bright and dark weeks, cloudy winters, months of repair, nights without
 * alerts or without a file, a few that are cut or damaged. The first `converted` of them are in the lake.
 */
export function makeSurvey(first: string, last: string, converted: number): Survey {
  const random = new Random(7)
  const listing = [...datesBetween(first, last)].flatMap(date => (random.chance(0.006) ? [] : listed(date, random)))
  const holding = listing.filter(({ kind }) => kind !== 'empty')
  return { listing, manifests: holding.slice(0, converted).map(row => manifestOf(row, random)) }
}

/** Writes the survey's listing and manifests where make keeps them; the conversions follow each other in time. */
export async function writeSurvey({ listing, manifests }: Survey, paths: Paths, uris: string): Promise<void> {
  await writeListingFile(uris, listing)
  let now = BEGUN
  for (const [i, manifest] of manifests.entries()) {
    now += manifest.seconds * 1000 + (i % RUN === 0 ? 86_400_000 : 2000)
    const night = parseNight(manifest.tarball) as Night
    await writeManifest(paths, night, manifest)
    await utimes(paths.manifest(night), now / 1000, now / 1000)
  }
}

function listed(night: string, random: Random): ListedFile[] {
  const kinds = /^2019(10|11)0/.test(night) ? (['night', 'programid3'] as const) : (['night'] as const)
  return kinds.map(kind => {
    const name = nightName(night, kind)
    const bytes = isCloudy(night, random) ? 74 : alertsOf(night, random) * ALERT * (kind === 'night' ? 1 : 0.2)
    const url = `https://archive.example/${name}`
    return { name, night, bytes: Math.round(bytes), modified: '', md5: '', url, kind: bytes < 100 ? 'empty' : kind }
  })
}

function isCloudy(night: string, random: Random): boolean {
  const winter = /^....(12|01|02)/.test(night)
  return random.chance(winter ? 0.4 : 0.18) || /^2021(0[6-9]0|07)|^202203/.test(night)
}

/** More in dark weeks than at full moon, which comes every 29.53 days. */
function alertsOf(night: string, random: Random): number {
  const day = Date.parse(`${night.slice(0, 4)}-${night.slice(4, 6)}-${night.slice(6)}`) / 86_400_000
  const dark = 1 - Math.abs((((day + 4) % 29.53) / 29.53) * 2 - 1)
  return Math.max(200, Math.round(random.noise(60_000 + 230_000 * dark, 55_000)))
}

function manifestOf({ name, night, bytes }: ListedFile, random: Random): Manifest {
  const alerts = Math.round(bytes / ALERT)
  const tarBytes = alerts * 71_000
  const lakeBytes = Math.round(tarBytes / random.noise(1.61, 0.006))
  const version = SCHEMAS.findLast(([since]) => since <= night)?.[1] ?? '1.8'
  const damaged = random.chance(0.01) ? random.int(1, 6) : 0
  const cut = random.chance(0.008)
  return {
    ...{ tarball: name, night, state: cut ? 'salvaged' : 'whole', md5: '0'.repeat(32), tarballBytes: bytes, tarBytes },
    ...(cut && { salvage: `the tar is cut ${alerts} alerts in: its end is missing` }),
    ...{ members: alerts + damaged, alerts, duplicates: 0, damaged, duplicateCandids: [] },
    damagedPackets: Array.from({ length: damaged }, (_, i) => {
      const kept = { name: `${i}.avro`, bytes: 71_000, sha256: '0'.repeat(64) }
      return { member: `${night}/${i}.avro`, reason: 'the packet ends inside its record', kept }
    }),
    ...{ schemaVersions: { [version]: alerts }, newColumns: [] },
    files: [{ name: 'all.parquet', alerts, bytes: lakeBytes, sha256: '0'.repeat(64) }],
    ...{ codec: 'snappy', alertsPerFile: 3000, writer: 'ztf-lake', peakMemory: 400_000_000 },
    seconds: Math.round(alerts / random.between(4.6, 5.6)) / 1000,
  }
}
