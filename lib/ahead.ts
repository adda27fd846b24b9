import { setTimeout as sleep } from 'node:timers/promises'
import { isTaken, statIfThere } from './files.ts'
import type { Listed } from './listing.ts'
import { type Night, parseNight } from './night.ts'
import { LOOK } from './overlap.ts'
import type { Paths } from './paths.ts'

/**
 * Waits until a night's tarball may be fetched without downloads being too far in front of the conversion. One that is
 * larger than `most` may be once nothing is in front of it.
 *
 * Nobody keeps count: make starts the downloads in the order of the lists, so what is in front of a night can be seen.
 *
 * @param before the nights before it in the lists that were not in the lake a moment ago
 * @param bytes of the night itself
 * @param most bytes that downloads may be in front, the night included
 * @param onWait is told, once and only if there is something to wait for, how many bytes are in front
 */
export async function waitForTurn(
  paths: Paths,
  before: readonly Listed[],
  { bytes, most }: { bytes: number; most: number },
  onWait: (inFront: number) => void,
): Promise<void> {
  let inFront = await bytesInFront(paths, before)
  const mayGo = () => inFront === 0 || inFront + bytes <= most
  if (!mayGo()) onWait(inFront)
  while (!mayGo()) {
    await sleep(LOOK)
    inFront = await bytesInFront(paths, before)
  }
}

/** Bytes of those of the nights that are neither in the lake nor failed: on their way, or about to be. */
export async function bytesInFront(paths: Paths, nights: readonly Listed[]): Promise<number> {
  const sizes = await Promise.all(nights.map(row => bytesOf(paths, row)))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function bytesOf(paths: Paths, { name, bytes }: Listed): Promise<number> {
  const night = parseNight(name) as Night
  const ends = await Promise.all([paths.manifest(night), paths.failure(night)].map(isTaken))
  if (ends.includes(true)) return 0
  return (await statIfThere(paths.tarball(night)))?.size ?? bytes
}
