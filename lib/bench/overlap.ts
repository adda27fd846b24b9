import { link, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { remove } from '../core/files.ts'
import { nightName } from '../synthetic/night.ts'
import { startArchive } from '../synthetic/server.ts'
import { BenchNights, firstDates } from './nights.ts'
import { type Timing, type Trial, timeInTurn } from './timing.ts'

const NIGHTS = 8
const ALERTS = 3000
const DOWNLOAD = 'make uris; make download -j5'

/**
 * Downloading, converting, and both at once, from a local server that sends half as fast as the conversion runs. A
 * faster server would only make the two compete for the same cores.
 */
export async function overlapTrials(folder: string): Promise<Trial[]> {
  const served = await servedFolder(folder)
  const archive = await startArchive(served)
  const nights = new BenchNights(join(folder, 'data'), firstDates(NIGHTS))
  const settings = `ARCHIVE=${archive.url} LISTING= NIGHTS= MIN_SIZE=0 CONNECTIONS=1 WORKERS=0`
  const make = (target: string) => `${nights.make(target)} ${settings}`

  const { size } = await stat(join(served, nightName(firstDates(1)[0] as string)))
  const work = { nights: NIGHTS, alerts: NIGHTS * ALERTS, bytes: NIGHTS * size }
  const fresh = () => remove(nights.paths.data)
  const download = { name: DOWNLOAD, ...work, prepare: fresh, command: `${make('uris')}; ${make('download -j5')}` }
  const lake = { name: 'make lake', ...work, prepare: () => remove(nights.paths.lake), command: make('lake') }

  const [, conversion] = (await timeInTurn([download, lake], 1)) as [Timing, Timing]
  archive.bytesPerSecond = work.bytes / conversion.wall / 2
  return [
    download,
    { ...lake, baseline: DOWNLOAD },
    { name: 'make all -j5', ...work, prepare: fresh, command: make('all -j5'), baseline: DOWNLOAD },
  ]
}

/** Makes one night, and hard links to it under the names of the others: the content does not matter. */
async function servedFolder(folder: string): Promise<string> {
  const dates = firstDates(NIGHTS)
  const source = await BenchNights.create(join(folder, 'source'), dates.slice(0, 1), ALERTS)
  const served = join(folder, 'served')
  await remove(served)
  await mkdir(served)
  for (const date of dates) await link(source.tarball(0), join(served, nightName(date)))
  return served
}
