import { link, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { remove, statOptional } from '../core/files.ts'
import { nightName } from '../synthetic/night.ts'
import { startArchive } from '../synthetic/server.ts'
import { BenchNights, datesOf } from './nights.ts'
import { type Timing, type Trial, timeInTurn } from './timing.ts'

const NIGHTS = 8
const ALERTS = 3000
const DOWNLOAD = 'make uris; make download -j5'

/**
 * Downloading, converting, and both at once, from a server on this machine that is half as fast as the conversion: the
 * less there is to wait for, the more the two of them wait for the same cores.
 */
export async function overlapped(folder: string): Promise<Trial[]> {
  const served = await servedFolder(folder)
  const archive = await startArchive(served)
  const nights = new BenchNights(join(folder, 'data'), datesOf(NIGHTS))
  const settings = `ARCHIVE=${archive.url} LISTING= NIGHTS= MIN_SIZE=0 CONNECTIONS=1 WORKERS=0`
  const make = (target: string) => `${nights.make(target)} ${settings}`

  const size = (await statOptional(join(served, nightName(datesOf(1)[0] as string))))?.size ?? 0
  const work = { nights: NIGHTS, alerts: NIGHTS * ALERTS, bytes: NIGHTS * size }
  const fresh = () => remove(nights.paths.data)
  const download = { name: DOWNLOAD, ...work, prepare: fresh, command: `${make('uris')}; ${make('download -j5')}` }
  const lake = { name: 'make lake', ...work, prepare: () => remove(nights.paths.lake), command: make('lake') }

  const [, converting] = (await timeInTurn([download, lake], 1)) as [Timing, Timing]
  archive.bytesPerSecond = work.bytes / converting.wall / 2
  return [
    download,
    { ...lake, against: DOWNLOAD },
    { name: 'make all -j5', ...work, prepare: fresh, command: make('all -j5'), against: DOWNLOAD },
  ]
}

/** One night under the names of several: what is in it matters to no one here. */
async function servedFolder(folder: string): Promise<string> {
  const [first = '', ...others] = datesOf(NIGHTS)
  const source = await BenchNights.of(join(folder, 'source'), [first], ALERTS)
  const served = join(folder, 'served')
  await remove(served)
  await mkdir(served)
  for (const date of [first, ...others]) await link(source.tarball(0), join(served, nightName(date)))
  return served
}
