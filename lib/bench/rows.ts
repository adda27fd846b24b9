import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { remove } from '../core/files.ts'
import { has } from '../core/shell.ts'
import { writeListingPage } from './listing.ts'
import { BenchNights, firstDates } from './nights.ts'
import type { BenchRow } from './options.ts'
import { overlapTrials } from './overlap.ts'
import type { Trial } from './timing.ts'

export interface Bench {
  readonly folder: string
  /** Alerts per night. */
  readonly alerts: number
  /** Two nights, of schema versions 3.3 and 4.02. */
  readonly two: BenchNights
}

const DATES = ['20191101', '20250301']
const TINY_NIGHTS = 3000
/** Alerts per night of the `memory` trials. */
const MEMORY_SIZES = [3000, 100_000]

const ONE = 'inflating one night'
const BOTH = 'inflating two, side by side'

/** Prepares the nights of each group and returns its trials. */
export const ROWS: Readonly<Record<BenchRow, (bench: Bench) => Promise<Trial[]>>> = {
  inflate,
  original,
  lake,
  tiny,
  uris,
  all: ({ folder }) => overlapTrials(join(folder, 'overlap')),
  memory,
}

export async function prepareBench(folder: string, alerts: number): Promise<Bench> {
  return { folder, alerts, two: await BenchNights.create(join(folder, String(alerts)), DATES, alerts) }
}

async function inflate({ alerts, two }: Bench): Promise<Trial[]> {
  const [first, second] = [two.tarball(0), two.tarball(1)]
  const [one, both] = [await two.bytes(1), await two.bytes(2)]
  const alone = { alerts, bytes: one }
  const trials = [
    { name: ONE, ...alone, command: `node lib/bench/gunzip.js ${first}` },
    {
      name: BOTH,
      alerts: 2 * alerts,
      bytes: both,
      command: `node lib/bench/gunzip.js ${first} & node lib/bench/gunzip.js ${second}; wait`,
    },
  ]
  if (!(await has('pigz'))) return trials
  return [...trials, { name: 'pigz -dc > /dev/null', ...alone, command: `pigz -dc ${first}`, baseline: ONE }]
}

async function original({ alerts, two }: Bench): Promise<Trial[]> {
  if (!(await has('pigz'))) return []
  const untarred = join(two.paths.data, 'untarred')
  const prepare = async () => {
    await remove(untarred)
    await mkdir(untarred, { recursive: true })
  }
  const command = `pigz -dc ${two.tarball(0)} | tar xf - -C ${untarred}`
  return [{ name: 'pigz -dc | tar xf -', alerts, bytes: await two.bytes(1), prepare, command, baseline: ONE }]
}

async function lake({ alerts, two }: Bench): Promise<Trial[]> {
  const prepare = () => remove(two.paths.lake)
  const lake = () => two.lakeFacts()
  const [one, both] = [await two.bytes(1), await two.bytes(2)]
  const alone = { alerts, bytes: one, prepare, lake, baseline: ONE }
  return [
    {
      name: 'make lake, one night, one worker',
      ...alone,
      command: two.lake(1, 1),
      predicted: await two.predicted(1, 'convert'),
    },
    { name: 'the same with zstd', ...alone, command: two.lake(1, 1, 'zstd') },
    {
      name: 'make lake, two nights, two workers',
      alerts: 2 * alerts,
      bytes: both,
      prepare,
      lake,
      command: two.lake(2, 2),
      baseline: BOTH,
      predicted: await two.predicted(2, 'convert'),
    },
    {
      name: 'make check, two nights, two workers',
      alerts: 2 * alerts,
      command: two.make('check NIGHTS= WORKERS=2'),
      predicted: await two.predicted(2, 'check'),
    },
    { name: 'make lake, nothing to do', command: two.lake(2, 2) },
  ]
}

async function tiny({ folder }: Bench): Promise<Trial[]> {
  const nights = await BenchNights.create(join(folder, 'tiny'), firstDates(TINY_NIGHTS), 2)
  const prepare = () => remove(nights.paths.lake)
  const idle = ['lake', '-n lake', '-q lake', 'status']
  return [
    {
      name: `make lake, ${TINY_NIGHTS} nights of 2 alerts, two workers`,
      nights: TINY_NIGHTS,
      alerts: 2 * TINY_NIGHTS,
      bytes: await nights.bytes(),
      prepare,
      lake: () => nights.lakeFacts(),
      command: nights.lake(TINY_NIGHTS, 2),
    },
    ...idle.map(target => ({
      name: `make ${target}, ${TINY_NIGHTS} nights, nothing to do`,
      command: nights.make(target),
    })),
  ]
}

async function uris({ folder }: Bench): Promise<Trial[]> {
  const page = await writeListingPage(folder)
  const into = join(folder, 'uris')
  const command = `make uris LISTING=${page} URIS=${into} DATA=${folder} NIGHTS= MIN_SIZE=0 URLS_PER_LIST=5`
  return [{ name: 'make uris, 2,964 files', prepare: () => remove(into), command }]
}

async function memory({ folder }: Bench): Promise<Trial[]> {
  return Promise.all(
    MEMORY_SIZES.map(async alerts => {
      const nights = await BenchNights.create(join(folder, String(alerts)), DATES.slice(0, 1), alerts)
      return {
        name: `make lake, one night of ${alerts} alerts`,
        alerts,
        bytes: await nights.bytes(),
        prepare: () => remove(nights.paths.lake),
        lake: () => nights.lakeFacts(),
        command: nights.lake(1, 1),
      }
    }),
  )
}
