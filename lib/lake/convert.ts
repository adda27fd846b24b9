import { join } from 'node:path'
import { clearQuarantine, mismatch, quarantine } from '../archive/quarantine.ts'
import { readReceipt, verifiedReceipt } from '../archive/receipts.ts'
import { isOutdated, type Revision, type TarballIdentity } from '../archive/revision.ts'
import { remove, statOptional } from '../core/files.ts'
import { plural, showCount } from '../core/units.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { DamagedPackets } from './damaged-packets.ts'
import { type LakeFileSettings, PART_SUFFIX } from './lake-files.ts'
import {
  discardManifest,
  type Manifest,
  publishManifest,
  type Replaced,
  readManifest,
  stageManifest,
} from './manifest.ts'
import { bringIn, createStaging, discard, publish } from './publish.ts'
import { StagedCandidates } from './staged-candidates.ts'
import { type ConversionProgress, type TarballContents, TarballReader } from './tarball-reader.ts'

type Stat = Awaited<ReturnType<typeof statOptional>>

/** Thrown if the tarball has another MD5 than its receipt. */
class WrongReceipt extends Error {
  readonly actual: TarballIdentity

  constructor(actual: TarballIdentity) {
    super('its MD5 is not that of its receipt')
    this.actual = actual
  }
}

/**
 * Converts a night's tarball to Parquet files in the lake, and writes the manifest last. If the receipt turns out to be
 * wrong, starts again with the true MD5.
 *
 * @param listed revision in the archive's listing; undefined if the night is not listed
 * @throws Error if the tarball does not match the archive's listing, changes while it is read, or has less of the night
 *   than the lake (see `assertNoLoss`); nothing is then published
 */
export async function convertNight(
  paths: Paths,
  night: Night,
  settings: LakeFileSettings,
  listed: Revision | undefined,
  progress: ConversionProgress = { read: 0, alerts: 0 },
): Promise<Manifest> {
  const stat = await statOptional(paths.tarball(night))
  const request = { paths, night, settings, listed, progress, stat, start: performance.now() }
  const cached = await readReceipt(paths, night)
  if (!cached) return convertAs(request, await verifiedReceipt(paths, night, listed))
  const verify = async () => {
    const actual = await verifiedReceipt(paths, night)
    if (actual.md5 !== cached.md5) throw new WrongReceipt(actual)
  }
  return convertAs(request, cached, verify).catch(error => {
    if (!(error instanceof WrongReceipt)) throw error
    return convertAs(request, error.actual)
  })
}

interface ConversionRequest {
  readonly paths: Paths
  readonly night: Night
  readonly settings: LakeFileSettings
  readonly listed: Revision | undefined
  readonly progress: ConversionProgress
  /** The tarball before anything was read. */
  readonly stat: Stat
  /** Time when the conversion began, in ms. */
  readonly start: number
}

/** Throws WrongReceipt if the tarball has another MD5 than its receipt. */
type Verify = () => Promise<void>

/**
 * Converts a tarball that is taken to have the given identity.
 * @param verify called if the MD5 is from a receipt, and reading the tarball has not proven it
 */
async function convertAs(
  request: ConversionRequest,
  tarball: TarballIdentity,
  verify: Verify = async () => {},
): Promise<Manifest> {
  const { paths, night, settings, listed, stat } = request
  const { md5 } = tarball
  await assertUnchanged(paths, night, stat)
  if (listed) await assertListed(request, listed, tarball, verify)
  const former = await readManifest(paths, night)
  const damaged = new DamagedPackets(paths, night)
  const folder = await createStaging(paths, night)
  const candidates = new StagedCandidates(paths, night)
  let brought: Pick<Manifest, 'files'> = { files: [] }
  try {
    const reader = new TarballReader(paths, { ...settings, night, folder, md5 }, damaged)
    const contents = await readProven(reader, request, verify)
    if (former && !(listed && isOutdated(former, listed))) assertNoLoss(contents, former, listed, paths.manifest(night))
    const files = contents.files.map(({ name }) => join(folder, name + PART_SUFFIX))
    const withCandidates = await candidates.write(contents, files, reader.historyLengths)
    await assertUnchanged(paths, night, stat)
    const manifest: Manifest = {
      ...withCandidates,
      ...revisionListed(tarball, listed),
      ...replaced(former, md5),
      peakMemory: process.resourceUsage().maxRSS * 1024,
      seconds: Math.round(performance.now() - request.start) / 1000,
    }
    // Everything is on its disk before the first old file is removed, so that a full one costs no file.
    brought = manifest
    await bringIn(paths, night, folder, manifest)
    await candidates.bringIn()
    await stageManifest(paths, night, manifest)
    // Remove the old manifest, so that the night counts as not converted if this process dies before writing the new
    // one. A manifest with a different MD5 may stay, because it is recognized as outdated.
    if (former?.md5 === md5) await remove(paths.manifest(night))
    await publish(paths, night, folder, manifest)
    await candidates.publish()
    await damaged.publish()
    await publishManifest(paths, night)
    await clearQuarantine(paths, night)
    return manifest
  } finally {
    await damaged.discard()
    await candidates.discard()
    await discard(paths, night, brought)
    await discardManifest(paths, night)
    await remove(folder)
  }
}

/** Reads the tarball. Verifies its MD5 if reading fails, or does not prove the bytes. */
async function readProven(
  reader: TarballReader,
  { progress }: ConversionRequest,
  verify: Verify,
): Promise<TarballContents> {
  const contents = await reader.read(progress).catch(async error => {
    // An error of the system says nothing about the bytes.
    if (!error.syscall) await verify()
    throw error
  })
  if (!isProven(contents)) await verify()
  return contents
}

/**
 * Whether reading has proven the tarball's bytes: gzip has a CRC-32 and a length of its content. A file that is not
 * gzipped has as many bytes as its tar.
 */
function isProven({ state, tarBytes, tarballBytes }: TarballContents): boolean {
  return state === 'whole' && tarBytes !== tarballBytes
}

/**
 * Throws if a damaged or empty tarball would replace a night that is whole, or has more alerts, in the lake; or if a whole
 * one that the archive does not list has fewer alerts.
 */
function assertNoLoss(
  { md5, state, salvage = 'it is empty', alerts }: TarballContents,
  former: Manifest,
  listed: Revision | undefined,
  manifest: string,
): void {
  if (md5 === former.md5) return
  const isWhole = state === 'whole'
  if (isWhole ? listed || alerts >= former.alerts : former.state !== 'whole' && alerts >= former.alerts) return
  throw new Error(
    `${isWhole ? 'the archive does not list it' : salvage}, and it has ${plural(alerts, 'alert')}, but the lake has ` +
      `${showCount(former.alerts)} of this night, from a tarball with the MD5 ${former.md5}: delete it, or ` +
      (isWhole ? `to replace the night anyway, delete ${manifest}` : 'replace it by an intact one'),
  )
}

/** Throws if the tarball is not the listed one, and quarantines the tarball unless it is an earlier revision. */
async function assertListed(
  { paths, night, stat }: ConversionRequest,
  listed: Revision,
  tarball: TarballIdentity,
  verify: Verify,
): Promise<void> {
  const { md5, formerMd5 } = tarball
  const wasListed = tarball.listed && (!tarball.listed.md5 || tarball.listed.md5 === md5)
  const isFormer = wasListed && isOutdated(tarball, listed)
  // Without a listed MD5, only the receipt shows that the bytes have changed.
  const changed = formerMd5 && !listed.md5 ? `its MD5 is ${md5}, but was ${formerMd5} before` : undefined
  const reason = mismatch(md5, stat?.size ?? 0, listed) ?? changed
  if (!isFormer && !reason) return
  await verify()
  if (isFormer || !reason) throw new Error('the archive has republished it since its download: run make download')
  const target = await quarantine(paths, night, paths.tarball(night), { reason, md5, listed })
  throw new Error(`${reason}: moved to ${target}, run make download`)
}

/** Throws if the tarball's size or modification time has changed, because its content may have changed too. */
async function assertUnchanged(paths: Paths, night: Night, before: Stat): Promise<void> {
  const now = await statOptional(paths.tarball(night))
  if (now && now.size === before?.size && now.mtimeMs === before.mtimeMs) return
  // Discard the cached MD5, because it may match neither the old nor the new content of the file.
  await remove(paths.receipt(night))
  throw new Error('it changed while it was read: run make lake when it is complete')
}

/**
 * The revision that the tarball has in the archive's listing. Its receipt lacks it if it was written for a tarball that may
 * have been outdated; the MD5 then shows whether it is the listed one.
 */
function revisionListed(tarball: TarballIdentity, listed: Revision | undefined): Pick<Manifest, 'listed'> {
  const revision = tarball.listed ?? (listed?.md5 === tarball.md5 ? listed : undefined)
  return revision ? { listed: revision } : {}
}

/** The conversion that this one replaces, or the one that an earlier conversion of the same tarball replaced. */
function replaced(former: Manifest | undefined, md5: string): Pick<Manifest, 'replaces'> {
  const replaces = former?.md5 === md5 ? former.replaces : former && summaryOf(former)
  return replaces ? { replaces } : {}
}

function summaryOf({ md5, listed, state, tarballBytes, alerts }: Manifest): Replaced {
  return { md5, ...(listed && { listed }), state, tarballBytes, alerts }
}
