// Times the conversion beside inflating alone, the least that any way of doing it takes, on nights as large as real ones.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { remove } from '../lib/files.ts'
import { lakeBytes, type Manifest, readManifest } from '../lib/manifest.ts'
import { type Night, parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { md5OfTarball } from '../lib/receipts.ts'
import { say, table } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { has } from '../lib/shell.ts'
import { type Timing, timeInTurn } from '../lib/timing.ts'
import { showBytes, showCount } from '../lib/units.ts'
import { writeNight } from '../test/synthetic/large-night.ts'
import { nightName } from '../test/synthetic/night.ts'

const ROUNDS = 3
const { DATA, BENCH: alerts } = readSettings()
const folder = `${DATA}/bench/${alerts}`
const paths = new Paths(folder)
const nights = ['20191101', '20250301'].map(date => parseNight(nightName(date)) as Night)

for (const night of nights) {
  const path = paths.tarball(night)
  if (!existsSync(path)) {
    say(`making ${path}: ${showCount(alerts)} alerts as large and as hard to compress as real ones`)
    await writeNight(path, { night: night.date, alerts })
  }
  // As after a download, which checks the MD5 on the way.
  await md5OfTarball(paths, night)
}

const [first = '', second = ''] = nights.map(night => paths.tarball(night))
const untarred = `${folder}/untarred`
const fresh = () => remove(paths.lake)
const lake = (dates: string, workers: number) =>
  `make lake DATA=${folder} URIS=${folder}/uris NIGHTS=${dates} WORKERS=${workers} CODEC=snappy ALERTS_PER_FILE=3000`
const dates = nights.map(({ date }) => date)

const trials = [
  { name: 'inflating one night, node:zlib', nights: 1, command: `node scripts/gunzip.js ${first}` },
  {
    name: 'inflating two, side by side',
    nights: 2,
    command: `node scripts/gunzip.js ${first} & node scripts/gunzip.js ${second}; wait`,
  },
  ...((await has('pigz'))
    ? [
        {
          name: "pigz | tar, the original's first step",
          nights: 1,
          prepare: async () => {
            await remove(untarred)
            await mkdir(untarred, { recursive: true })
          },
          command: `pigz -dc ${first} | tar xf - -C ${untarred}`,
        },
      ]
    : []),
  { name: 'make lake, one night, one worker', nights: 1, prepare: fresh, command: lake(dates[0] ?? '', 1) },
  { name: 'make lake, two nights, two workers', nights: 2, prepare: fresh, command: lake(dates.join(','), 2) },
  { name: 'make lake, nothing to do', nights: 0, command: lake(dates.join(','), 2) },
]
const timings = await timeInTurn(trials, ROUNDS)
await remove(untarred)

const rows = trials.map(({ name, nights }, i) => {
  const { wall, cpu } = timings[i] as Timing
  const alone = timings[nights - 1]
  const ratio = (of: keyof Timing) => (alone ? ((timings[i] as Timing)[of] / alone[of]).toFixed(2) : '')
  const rate = nights > 0 ? showCount((alerts * nights) / wall) : ''
  return [name, wall.toFixed(2), cpu.toFixed(2), rate, ratio('wall'), ratio('cpu')]
})
say(`\n${showCount(alerts)} alerts a night, medians of ${ROUNDS} runs in turn\n`)
say(table([['', 'wall s', 'CPU s', 'alerts/s', 'wall / inflating', 'CPU / inflating'], ...rows]))

const manifests = await Promise.all(nights.map(night => readManifest(paths, night)))
const sum = (of: (manifest: Manifest) => number) =>
  manifests.reduce((total, manifest) => total + (manifest ? of(manifest) : 0), 0)
const memory = Math.max(...manifests.map(manifest => manifest?.peakMemory ?? 0))
say(`\nthe lake is ${(sum(({ tarBytes }) => tarBytes) / sum(lakeBytes)).toFixed(2)} times smaller than the tar`)
say(`a worker held ${showBytes(memory)} at most`)
