import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { remove } from '../core/files.ts'
import { Paths } from '../paths.ts'
import { nightName } from '../synthetic/night.ts'
import { startArchive, Throttle } from '../synthetic/server.ts'
import { BenchNights, firstDates, makeCommand } from './nights.ts'
import { type Timing, type Trial, timeInTurn } from './timing.ts'

const NIGHTS = 8
const ALERTS = 3000
const DOWNLOAD = 'make uris; make download -j5'

/**
 * Trials of downloading, converting, and both at once. The local server sends at half the speed of the conversion,
 * because a faster server would take cores from the conversion.
 */
export async function overlapTrials(folder: string): Promise<Trial[]> {
  const dates = firstDates(NIGHTS)
  // Use the same tarball for all nights, because its content does not matter.
  const source = await BenchNights.create(join(folder, 'source'), dates.slice(0, 1), ALERTS)
  const bytes = await readFile(source.tarball(0))
  const throttle = new Throttle()
  const archive = await startArchive(
    dates.map(date => ({ name: nightName(date), bytes })),
    throttle,
  )

  const paths = new Paths(join(folder, 'data'))
  const make = (target: string) => makeCommand(target, paths.data, { ARCHIVE: archive.url })
  const size = { nights: NIGHTS, alerts: NIGHTS * ALERTS, bytes: NIGHTS * bytes.length }
  const fresh = () => remove(paths.data)
  const download = { name: DOWNLOAD, ...size, prepare: fresh, command: `${make('uris')}; ${make('download -j5')}` }
  const lake = { name: 'make lake', ...size, prepare: () => remove(paths.lake), command: make('lake') }

  const [, conversion] = (await timeInTurn([download, lake], 1)) as [Timing, Timing]
  throttle.bytesPerSecond = size.bytes / conversion.wall / 2
  return [
    download,
    { ...lake, baseline: DOWNLOAD },
    { name: 'make all -j5', ...size, prepare: fresh, command: make('all -j5'), baseline: DOWNLOAD },
  ]
}
