import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from '../../lib/paths.ts'
import { truncated } from './damage.ts'
import { emptyNight, makeNight } from './night.ts'
import { ARCHIVE, NO_ARCHIVE, realNights } from './shared.ts'

const MAX_REAL = 4
const MAX_BYTES = 12 << 20

/** Tarballs by name: nights of several sizes, with duplicates, a damaged packet, a cut tar, and no alerts. */
export async function synthetic(alerts: number): Promise<Map<string, Buffer>> {
  const nights = [
    makeNight({ night: '20180713', alerts: alerts * 2, stamps: 'real' }),
    makeNight({ night: '20191003', alerts, stamps: 'real', duplicates: [1, 3] }),
    makeNight({ night: '20191003', kind: 'programid3', alerts: 4 }),
    makeNight({ night: '20200101', alerts, damage: { 2: truncated } }),
    makeNight({ night: '20210401', alerts, stamps: 'real', cutTar: { member: alerts - 2, bytes: 900 } }),
    makeNight({ night: '20250325', alerts: alerts * 3, stamps: 'real' }),
    emptyNight('20250326', 'tar'),
  ]
  return new Map(nights.map(({ name, bytes }) => [name, bytes]))
}

/** Replaces nights by other revisions: both tarballs of one date, and a night alone. */
export function republish(_: Paths, nights: Map<string, Buffer>): void {
  const revisions = [
    makeNight({ night: '20191003', alerts: 20, seed: 2 }),
    makeNight({ night: '20191003', kind: 'programid3', alerts: 9, seed: 2 }),
    makeNight({ night: '20180713', alerts: 11, seed: 2 }),
  ]
  for (const { name, bytes } of revisions) nights.set(name, bytes)
}

/** Some real tarballs of medium size; none if there is no folder of real alerts. */
export async function real(): Promise<Map<string, Buffer>> {
  if (NO_ARCHIVE) return new Map()
  const files = await Promise.all(
    (await realNights()).map(async ({ name }) => [name, await readFile(join(ARCHIVE, name))]),
  )
  const small = (files as [string, Buffer][]).filter(([, { length }]) => length > 100_000 && length < MAX_BYTES)
  return new Map(small.slice(0, MAX_REAL))
}
