// Runs the whole pipeline on synthetic nights from a local server, and draws the light curve of a supernova.
import { access, constants, mkdir } from 'node:fs/promises'
import { findAria2c } from '../lib/archive/aria2-program.ts'
import { print, printLines } from '../lib/core/console.ts'
import { remove } from '../lib/core/files.ts'
import { runVisibly } from '../lib/core/shell.ts'
import { PROJECT } from '../lib/paths.ts'
import { SETTINGS } from '../lib/settings.ts'
import { emptyNight, makeNight } from '../lib/synthetic/night.ts'
import { startArchive } from '../lib/synthetic/server.ts'
import { SUPERNOVA, supernovaNights } from '../lib/synthetic/supernova.ts'

const FOLDER = 'demo'
const DATA = `DATA=${FOLDER}/data`
const URIS = `URIS=${FOLDER}/uris`
const MOST_ALERTS = `select objectId, count(*) as alerts, min(magpsf) as brightest
from candidates group by objectId order by alerts desc, brightest limit 3`

await findAria2c()
await access('.', constants.W_OK).catch(() => {
  throw new Error(`no permission to write to ${PROJECT}, where make demo makes its data: run it in a clone of your own`)
})
print('making synthetic nights: both writers, several schema versions, one night without alerts, and a supernova')
const nights = [
  makeNight({ night: '20180713', alerts: 80, stamps: 'real' }),
  makeNight({ night: '20191003', alerts: 60, stamps: 'real' }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 20, stamps: 'real' }),
  ...supernovaNights(),
  makeNight({ night: '20250325', alerts: 80, stamps: 'real' }),
  emptyNight('20250326'),
]
await remove(FOLDER)
await mkdir(FOLDER)
const archive = await startArchive(nights)

// Pass every setting, so that the user's own settings do not affect the demo.
const demoSettings: Record<string, string> = { DATA: `${FOLDER}/data`, URIS: `${FOLDER}/uris`, ARCHIVE: archive.url }
const settings = Object.keys(SETTINGS).map(name => `${name}=${demoSettings[name] ?? ''}`)
await demonstrate('uris', DATA, URIS, `ARCHIVE=${archive.url}`)
await demonstrate('download', '-j5', DATA, URIS)
await demonstrate('lake', DATA)
await archive.close()
await demonstrate('status', DATA, URIS)
await demonstrate('sql', DATA, `Q=${MOST_ALERTS}`)
await demonstrate('look', DATA, `OBJECT=${SUPERNOVA.objectId}`)
await demonstrate('report', DATA, URIS)
printLines('\nOpen the two pages in a browser. For the real archive, start with make uris; see README.md.')

/** Prints a make command with only the relevant settings, and runs it with all settings. */
async function demonstrate(target: string, ...args: string[]): Promise<void> {
  printLines(`\n$ make ${[target, ...args].join(' ').replace(/Q=(.*)/s, 'Q="$1"')}`)
  if ((await runVisibly('make', [target, ...settings, ...args])) !== 0) throw new Error(`make ${target} failed`)
}
