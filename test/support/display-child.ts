// Displays the progress of one night, 2 of 8 MiB, until its standard input ends.
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Paths } from '../../lib/paths.ts'
import { ProgressDisplay } from '../../lib/progress/display.ts'
import { NightsProgress } from '../../lib/progress/nights.ts'
import { writeNote } from '../../lib/progress/notes.ts'
import { nightOf } from './data-folder.ts'

const paths = new Paths(process.argv[2] as string)
for (const folder of [paths.staging, dirname(paths.progress('lake'))]) await mkdir(folder, { recursive: true })
const converting = new NightsProgress(paths)
converting.add([{ stem: 'ztf_public_20200101', bytes: 8 << 20 }])
writeNote(paths.conversionProgress(nightOf('ztf_public_20200101.tar.gz')), { read: 2 << 20, alerts: 40 })
const display = new ProgressDisplay(
  paths.progress('lake'),
  async () => [await converting.poll()],
  Number(process.argv[3]),
)
await once(process.stdin.resume(), 'end')
await display.end()
