import { mkdir, open, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { exists, statOptional } from '../core/files.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { type Night, parseNight } from '../night.ts'
import { superseded } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { ListedFile } from './listing.ts'

/**
 * How long a night in front may show no sign of life, in ms: longer than what brings nothing is tried again, unless the
 * archive asks for long waits.
 */
const PATIENCE = 15 * 60_000

/**
 * Waits until a night's tarball may be fetched without downloads being too far in front of the conversion. One that is
 * larger than `most` may be once nothing is in front of it.
 *
 * Nobody keeps count: make starts the downloads in the order of the lists, so what is in front of a night can be seen.
 * One that waits shows by its `.part`, still empty, that it lives.
 *
 * @param before the nights before it in the lists
 * @param bytes of the night itself
 * @param most bytes that downloads may be in front, the night included
 * @param onWait is told, once and only if there is something to wait for, how many bytes are in front
 */
export async function waitForTurn(
  paths: Paths,
  night: Night,
  before: readonly ListedFile[],
  { bytes, most }: { bytes: number; most: number },
  onWait: (inFront: number) => void,
): Promise<void> {
  const since = Date.now()
  let inFront = await bytesInFront(paths, before, since)
  const mayGo = () => inFront === 0 || inFront + bytes <= most
  if (!mayGo()) onWait(inFront)
  while (!mayGo()) {
    await showLife(paths, night)
    await sleep(POLL_INTERVAL_MS)
    inFront = await bytesInFront(paths, before, since)
  }
}

/**
 * Bytes of those of the nights that are on their way, or about to be: neither in the lake, nor failed, nor given up.
 * @param since when this run began, in ms: what an earlier one left says nothing of this one
 */
export async function bytesInFront(paths: Paths, nights: readonly ListedFile[], since: number): Promise<number> {
  const sizes = await Promise.all(nights.map(row => bytesOf(paths, row, since)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function bytesOf(paths: Paths, { name, bytes }: ListedFile, since: number): Promise<number> {
  const night = parseNight(name) as Night
  if (await exists(paths.failure(night))) return 0
  const [tarball, part] = await Promise.all([paths.tarball(night), paths.part(night)].map(statOptional))
  // A night that is published again has a manifest while its new tarball comes, and until that is converted.
  const isDone = async () => !tarball || (await superseded(paths, [night])).length === 0
  if (!part && (await exists(paths.manifest(night))) && (await isDone())) return 0
  if (tarball) return tarball.size
  const lastSign = Math.max(since, part?.mtimeMs ?? 0)
  return Date.now() - lastSign < PATIENCE ? bytes : 0
}

async function showLife(paths: Paths, night: Night): Promise<void> {
  await mkdir(paths.tarballs, { recursive: true })
  await (await open(paths.part(night), 'a')).close()
  const now = new Date()
  await utimes(paths.part(night), now, now)
}
