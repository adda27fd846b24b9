import { utimes } from 'node:fs/promises'
import type { ListedFile } from '../../lib/archive/listing.ts'
import { writeListingFile } from '../../lib/archive/listing-file.ts'
import { makeFolder } from '../../lib/core/files.ts'
import { DAY } from '../../lib/core/units.ts'
import { type Manifest, writeManifest } from '../../lib/lake/manifest.ts'
import { datesBetween, type Night, parseNight } from '../../lib/night.ts'
import { type Run, recordRun } from '../../lib/nights/runs.ts'
import type { Paths } from '../../lib/paths.ts'
import { nightName } from '../../lib/synthetic/night.ts'
import { Random } from '../../lib/synthetic/random.ts'

/** First night of each schema version. */
const SCHEMAS = [
  ['20180601', '1.8'],
  ['20180719', '3.0'],
  ['20180920', '3.1'],
  ['20190619', '3.3'],
  ['20230901', '4.01'],
  ['20231101', '4.02'],
] as const
/** Bytes of tar.gz per alert. */
const ALERT_BYTES = 46_800
/** Start of the first conversion. Conversions follow each other, with a pause of a day after every 400 nights. */
const FIRST_CONVERSION = Date.UTC(2026, 5, 20, 8)
const NIGHTS_PER_RUN = 400

/** Listing of a survey and the manifests of its converted nights, without any alerts. */
export interface Survey {
  readonly listing: readonly ListedFile[]
  readonly manifests: readonly Manifest[]
}

/**
 * Makes years of nights like the real ones, with bright and dark weeks, cloudy winters, months of repair, empty and
 * missing nights, and a few salvaged or damaged ones. The first `converted` nights with alerts are in the lake.
 */
export function makeSurvey(first: string, last: string, converted: number): Survey {
  const random = new Random(7)
  const listing = [...datesBetween(first, last)].flatMap(date => (random.chance(0.006) ? [] : listed(date, random)))
  const withAlerts = listing.filter(({ kind }) => kind !== 'empty')
  return { listing, manifests: withAlerts.slice(0, converted).map(row => manifestOf(row, random)) }
}

/** Writes the survey's listing, manifests and runs to the folders of make, with modification times of conversions. */
export async function writeSurvey({ listing, manifests }: Survey, paths: Paths, uris: string): Promise<void> {
  await writeListingFile(uris, listing)
  await makeFolder(paths.data)
  for (const [i] of manifests.entries())
    if (i % NIGHTS_PER_RUN === 0) await recordRun(paths, runOf(manifests.slice(i, i + NIGHTS_PER_RUN), i))
  let now = FIRST_CONVERSION
  for (const [i, manifest] of manifests.entries()) {
    now += manifest.seconds * 1000 + (i % NIGHTS_PER_RUN === 0 ? DAY : 2000)
    const night = parseNight(manifest.tarball) as Night
    await writeManifest(paths, night, manifest)
    await utimes(paths.manifest(night), now / 1000, now / 1000)
  }
}

/** A run of a worker, which begins with night `first`. */
function runOf(manifests: readonly Manifest[], first: number): Run {
  const sum = (name: 'seconds' | 'alerts' | 'tarballBytes') =>
    manifests.reduce((total, manifest) => total + manifest[name], 0)
  const seconds = sum('seconds') + 2 * manifests.length
  const ended = FIRST_CONVERSION + (first / NIGHTS_PER_RUN + 1) * DAY
  return { ended, seconds, nights: manifests.length, alerts: sum('alerts'), tarballBytes: sum('tarballBytes') }
}

function listed(night: string, random: Random): ListedFile[] {
  const kinds = /^2019(10|11)0/.test(night) ? (['night', 'programid3'] as const) : (['night'] as const)
  return kinds.map(kind => {
    const name = nightName(night, kind)
    const bytes = isCloudy(night, random) ? 74 : alertsOf(night, random) * ALERT_BYTES * (kind === 'night' ? 1 : 0.2)
    const url = `https://archive.example/${name}`
    return { name, night, bytes: Math.round(bytes), modified: '', md5: '', url, kind: bytes < 100 ? 'empty' : kind }
  })
}

function isCloudy(night: string, random: Random): boolean {
  const winter = /^....(12|01|02)/.test(night)
  return random.chance(winter ? 0.4 : 0.18) || /^2021(0[6-9]0|07)|^202203/.test(night)
}

/** Number of alerts: more in dark weeks than at full moon, every 29.53 days. */
function alertsOf(night: string, random: Random): number {
  const day = Date.parse(`${night.slice(0, 4)}-${night.slice(4, 6)}-${night.slice(6)}`) / DAY
  const dark = 1 - Math.abs((((day + 4) % 29.53) / 29.53) * 2 - 1)
  return Math.max(200, Math.round(random.noise(60_000 + 230_000 * dark, 55_000)))
}

function manifestOf({ name, night, bytes }: ListedFile, random: Random): Manifest {
  const alerts = Math.round(bytes / ALERT_BYTES)
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
