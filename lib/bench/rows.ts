import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { remove } from '../core/files.ts'
import { has } from '../core/shell.ts'
import { indexPage } from '../synthetic/index-page.ts'
import { nightName } from '../synthetic/night.ts'
import { BenchNights, firstDates, makeCommand } from './nights.ts'
import type { BenchRow } from './options.ts'
import { overlapTrials } from './overlap.ts'
import { type Peer, peerTrial } from './peer.ts'
import { readingTrials } from './reading.ts'
import type { Trial } from './timing.ts'

/** Dates of nights with the schema versions 3.3 and 4.02. */
const DATES = ['20191101', '20250301']
const TINY_NIGHTS = 3000
/** Number of alerts per night in the `memory` trials. */
const MEMORY_SIZES = [3000, 100_000]
/** Number of files in the archive's listing in July 2026, and the median size of a night in bytes. */
const [LISTED_FILES, MEDIAN_SIZE] = [2964, 8.5 * 2 ** 30]

const ONE = 'inflating one night'
const BOTH = 'inflating two, side by side'

/** What the trials are prepared from. */
interface Source {
  readonly folder: string
  /** Number of alerts per night. */
  readonly alerts: number
  readonly peer: Peer | undefined
  /** Returns the nights in `DATES`. Trials that do not call it need not wait for their creation. */
  readonly two: () => Promise<BenchNights>
}

/** Functions that create a group's missing nights and return its trials. */
const ROWS: Readonly<Record<BenchRow, (source: Source) => Promise<Trial[]>>> = {
  inflate,
  original,
  lake,
  tiny,
  uris,
  all: ({ folder }) => overlapTrials(join(folder, 'overlap')),
  memory,
  reading: ({ folder, alerts }) => readingTrials(join(folder, 'reading'), alerts),
}

/**
 * Returns the trials of the given groups, after creating the nights that they need and that the folder lacks. If a peer
 * is given, the group `lake` also has trials of the peer.
 */
export async function prepareTrials(
  folder: string,
  rows: readonly BenchRow[],
  alerts: number,
  peer?: Peer,
): Promise<Trial[]> {
  let nights: Promise<BenchNights> | undefined
  const two = () => {
    nights ??= BenchNights.create(join(folder, String(alerts)), DATES, alerts)
    return nights
  }
  const trials: Trial[] = []
  for (const row of rows) trials.push(...(await ROWS[row]({ folder, alerts, peer, two })))
  return trials
}

async function inflate(source: Source): Promise<Trial[]> {
  const two = await source.two()
  const [one, other] = [0, 1].map(index => `node lib/bench/gunzip.js ${two.tarball(index)}`) as [string, string]
  const alone = await two.size(1)
  const pigz = { name: 'pigz -dc > /dev/null', ...alone, command: `pigz -dc ${two.tarball(0)}`, baseline: ONE }
  return [
    { name: ONE, ...alone, command: one },
    { name: BOTH, ...(await two.size()), command: `${one} & ${other}; wait` },
    ...((await has('pigz')) ? [pigz] : []),
  ]
}

async function original(source: Source): Promise<Trial[]> {
  if (!(await has('pigz'))) return []
  const two = await source.two()
  const untarred = join(two.paths.data, 'untarred')
  const prepare = async () => {
    await remove(untarred)
    await mkdir(untarred)
  }
  const command = `pigz -dc ${two.tarball(0)} | tar xf - -C ${untarred}`
  return [{ name: 'pigz -dc | tar xf -', ...(await two.size(1)), prepare, command, baseline: ONE }]
}

async function lake({ peer, ...source }: Source): Promise<Trial[]> {
  const two = await source.two()
  const both = await two.conversion('make lake, two nights, two workers', { workers: 2 })
  return [
    { ...(await two.conversion('make lake, one night, one worker', { count: 1 })), baseline: ONE },
    ...(peer ? [{ ...(await peerTrial(peer, 'one night', two, 1)), baseline: ONE }] : []),
    { ...(await two.conversion('the same with zstd', { count: 1, codec: 'zstd' })), baseline: ONE },
    { ...both, baseline: BOTH },
    ...(peer ? [{ ...(await peerTrial(peer, 'two nights, side by side', two, 2)), baseline: BOTH }] : []),
    {
      name: 'make check, two nights, two workers',
      command: two.make('check', { WORKERS: 2 }),
      alerts: (await two.size()).alerts,
      predicted: await two.predicted(2, 'check'),
    },
    { name: 'make lake, nothing to do', command: both.command },
  ]
}

async function tiny({ folder }: Source): Promise<Trial[]> {
  const nights = await BenchNights.create(join(folder, 'tiny'), firstDates(TINY_NIGHTS), 2)
  const idle = ['lake', '-n lake', '-q lake', 'status']
  return [
    await nights.conversion(`make lake, ${TINY_NIGHTS} nights of 2 alerts, two workers`, { workers: 2 }),
    ...idle.map(target => ({
      name: `make ${target}, ${TINY_NIGHTS} nights, nothing to do`,
      command: nights.make(target),
    })),
  ]
}

async function uris({ folder }: Source): Promise<Trial[]> {
  const [page, data] = [join(folder, 'index.html'), join(folder, 'listing')]
  const [size, modified] = [MEDIAN_SIZE, new Date('2026-07-02T07:22:00Z')]
  await writeFile(page, indexPage(firstDates(LISTED_FILES).map(date => ({ name: nightName(date), size, modified }))))
  const command = makeCommand('uris', data, { LISTING: page })
  return [{ name: `make uris, ${LISTED_FILES} files`, prepare: () => remove(data), command }]
}

async function memory({ folder }: Source): Promise<Trial[]> {
  return Promise.all(
    MEMORY_SIZES.map(async alerts => {
      const nights = await BenchNights.create(join(folder, String(alerts)), DATES.slice(0, 1), alerts)
      return nights.conversion(`make lake, one night of ${alerts} alerts`)
    }),
  )
}
