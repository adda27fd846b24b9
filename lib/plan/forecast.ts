import { expectedLake } from '../archive/estimates.ts'
import type { Sized } from '../core/share.ts'

/** Time that one process takes for one night: a fixed startup time, and a time per 10^9 bytes. */
interface Rate {
  /** Startup time in seconds, which counts as both CPU and wall time. */
  readonly start: number
  /** Wall seconds per 10^9 bytes on an idle machine. */
  readonly wall: number
  /** CPU seconds per 10^9 bytes, summed over all threads. */
  readonly cpu: number
}

/** Rates measured with `make bench` on the machine described in docs/performance.md. */
export const RATES = {
  /** Per 10^9 bytes of tar.gz. CPU time includes the MD5; wall time is 0 because it depends on the link. */
  download: { start: 0.6, wall: 0, cpu: 3.3 },
  /** Per 10^9 bytes of tar.gz. */
  convert: { start: 2, wall: 3.57, cpu: 6.38 },
  /** Per 10^9 bytes in the lake. */
  check: { start: 0.6, wall: 1, cpu: 1.1 },
} satisfies Record<string, Rate>

/** Measured fraction of a machine's cores that is busy while every worker has work. */
export const UTILIZATION = 0.96

/** Assumed number of concurrent downloads, as in `make download -j5`. */
export const DOWNLOADS = 5

export interface Site {
  /** Cores per node. */
  readonly cores: number
  readonly nodes: number
  /** Download rate from the archive, in bytes per second. */
  readonly link: number
  /** Throughput of the disk or shared file system, reads plus writes, in bytes per second. */
  readonly disk: number
}

export interface Steps {
  /** Whether tarballs are downloaded; otherwise they are on disk already. */
  readonly download: boolean
  readonly work?: 'convert' | 'check'
  /** Maximum bytes of tarballs waiting for conversion with KEEP_TARS=no; undefined if tarballs are kept. */
  readonly ahead?: number
}

export const LIMITING = ['link', 'cores', 'disk', 'one night'] as const
type Resource = (typeof LIMITING)[number]

export interface Forecast {
  readonly seconds: number
  /** Peak disk usage in bytes. */
  readonly peak: number
  /** For each resource, the seconds that the command would take if nothing else limited it. */
  readonly bounds: Readonly<Record<Resource, number>>
  /** The resource with the largest bound. */
  readonly limit: Resource
}

/**
 * Resources that one step uses for one night. `seconds` is wall time on an idle machine, `cores` is CPU seconds, and
 * the others are bytes transferred.
 */
interface Work {
  readonly seconds: number
  readonly link: number
  readonly disk: number
  readonly cores: number
}

/**
 * Estimates the time of a make command as the largest of four lower bounds: link, cores, disk, and the slowest night.
 * The estimate assumes that all work overlaps, so it is too low: by a few per cent for a large number of nights, and by
 * more for a few nights.
 */
export function forecast(nights: readonly Sized[], site: Site, steps: Steps): Forecast {
  // Only `make lake` uses several nodes.
  const cores = steps.work === 'convert' && !steps.download ? site.cores * site.nodes : site.cores
  const works = nights.map(({ bytes }) => workOf(bytes, site, steps))
  const total = (works: readonly Work[], key: keyof Work) => sum(works.map(work => work[key]))
  const bounds = {
    link: total(works.flat(), 'link') / site.link,
    cores: total(works.flat(), 'cores') / (cores * UTILIZATION),
    disk: total(works.flat(), 'disk') / site.disk,
    'one night': Math.max(...works.map(steps => total(steps, 'seconds'))),
  }
  const limit = LIMITING.reduce((worst, resource) => (bounds[resource] > bounds[worst] ? resource : worst))
  return { seconds: bounds[limit], peak: peakOf(nights, cores, steps), bounds, limit }
}

function workOf(bytes: number, { link }: Site, { download, work, ahead }: Steps): Work[] {
  const lake = expectedLake(bytes)
  const works: Work[] = []
  // Concurrent downloads share the link evenly. A tarball is written once, and read once for its MD5.
  if (download) {
    const seconds = Math.max(RATES.download.start, bytes / (link / DOWNLOADS))
    works.push({ seconds, link: bytes, disk: 2 * bytes, cores: cpuSeconds(RATES.download, bytes) })
  }
  if (work === 'convert') works.push(localWork(RATES.convert, bytes, bytes + lake))
  // With KEEP_TARS=no, each night is checked before its tarball is removed.
  if (work === 'check' || ahead !== undefined) works.push(localWork(RATES.check, lake, lake))
  return works
}

function localWork(rate: Rate, bytes: number, disk: number): Work {
  return { seconds: rate.start + (rate.wall * bytes) / 1e9, link: 0, disk, cores: cpuSeconds(rate, bytes) }
}

function cpuSeconds({ start, cpu }: Rate, bytes: number): number {
  return start + (cpu * bytes) / 1e9
}

/** Peak disk usage of tarballs and lake, in bytes. */
function peakOf(nights: readonly Sized[], workers: number, { download, work, ahead }: Steps): number {
  const sizes = nights.map(night => night.bytes).sort((a, b) => b - a)
  const bytes = sum(sizes)
  const lake = work === 'convert' ? expectedLake(bytes) : 0
  if (ahead === undefined) return bytes + lake
  if (download) return Math.min(bytes, Math.max(ahead, sizes[0] ?? 0)) + lake
  // Disk usage peaks during the first conversions, because the largest nights are converted first, and each deleted
  // tarball is larger than the night's files in the lake.
  return bytes + expectedLake(sum(sizes.slice(0, workers)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
