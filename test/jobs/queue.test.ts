import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parseListing } from '../../lib/archive/listing.ts'
import type { ConversionJob, NightToConvert } from '../../lib/jobs/convert-worker.ts'
import { toConvert, WorkQueue } from '../../lib/jobs/queue.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { ADDRESS, nightEntry, tableText } from '../support/archive-table.ts'
import { dataFolder, nightOf, SETTINGS } from '../support/data-folder.ts'

type Queue = WorkQueue<NightToConvert, ConversionJob>

const MIB = 1 << 20

test('gives out the largest nights first, each in a job of its own, and small ones together', async t => {
  const paths = await dataFolder(t)
  const sizes = [3, 900, 70, ...Array.from({ length: 40 }, (_, i) => 2 + (i % 5)), 2000, 64]
  const nights = await nightsOf(paths, sizes)
  const jobs = await jobsOf(paths, nights, 2)

  const stems = jobs.flatMap(job => job.nights.map(({ stem }) => stem))
  assert.deepEqual([...stems].sort(), nights.map(({ stem }) => stem).sort())
  const sizeOf = new Map(nights.map(({ stem }, i) => [stem, sizes[i] as number]))
  const jobSizes = jobs.map(job => job.nights.map(({ stem }) => sizeOf.get(stem) as number))
  assert.deepEqual(jobSizes.slice(0, 4), [[2000], [900], [70], [64]])
  assert.deepEqual(
    jobSizes.flat(),
    sizes.toSorted((a, b) => b - a),
  )
  const shared = jobSizes.slice(4)
  assert.ok((shared[0]?.length ?? 0) > 5, `${shared[0]?.length} small nights in the first job`)
  for (const job of shared) assert.ok(job.reduce((sum, size) => sum + size, 0) <= 64, String(job))
})

test('divides small nights over all workers', async t => {
  const paths = await dataFolder(t)
  const jobs = await jobsOf(paths, await nightsOf(paths, Array(12).fill(1)), 3)
  assert.deepEqual(
    jobs.map(job => job.nights.length),
    [4, 3, 2, 1, 1, 1],
  )
})

test('puts at most 64 tiny nights into a job', async t => {
  const paths = await dataFolder(t)
  const jobs = await jobsOf(paths, await nightsOf(paths, Array(300).fill(0)), 1)
  assert.deepEqual(
    jobs.map(job => job.nights.length),
    [64, 64, 64, 64, 44],
  )
})

test('adds the listed revision of each night, if the archive lists it', async t => {
  const paths = await dataFolder(t)
  const nights = await nightsOf(paths, [2, 1])
  const md5 = 'a'.repeat(32)
  const [first] = parseListing(tableText(nights.map(({ date }) => nightEntry(date))), ADDRESS)
  assert.ok(first)
  const found = await toConvert(paths, nights, [{ ...first, md5 }])
  assert.deepEqual(
    found.map(({ listed }) => listed),
    [{ md5, bytes: first.bytes, modified: first.modified }, undefined],
  )
})

test('makes a worker wait while the queue is empty, and then gives it the largest of the nights that were added', async t => {
  const paths = await dataFolder(t)
  const [small, large, late] = (await nightsOf(paths, [70, 90, 500])) as [Night, Night, Night]
  const queue = queueOf(paths, 2)
  const order: string[] = []
  const waiting = queue.next().then(job => order.push(`job of ${job?.nights[0]?.stem}`))
  await new Promise(setImmediate)
  order.push('nights are added')
  queue.add(await toConvert(paths, [small, large], []))
  await waiting
  assert.deepEqual(order, ['nights are added', `job of ${large.stem}`])
  // A night that is added later goes before a smaller one that waits.
  queue.add(await toConvert(paths, [late], []))
  assert.deepEqual([await stemsOf(queue), await stemsOf(queue)], [[late.stem], [small.stem]])
})

test('gives out the remaining nights after it is closed, and then undefined to every worker', async t => {
  const paths = await dataFolder(t)
  const [night] = await nightsOf(paths, [70])
  const queue = queueOf(paths, 2)
  queue.add(await toConvert(paths, [night as Night], []))
  const waiting = [stemsOf(queue), stemsOf(queue), stemsOf(queue)]
  queue.close()
  assert.deepEqual(await Promise.all(waiting), [[night?.stem], undefined, undefined])
  assert.equal(await queue.next(), undefined)
})

function queueOf({ data }: Paths, workers: number): Queue {
  return new WorkQueue({ data, settings: SETTINGS, keepTarballs: true }, workers)
}

/** All jobs of a queue of these nights. */
async function jobsOf(paths: Paths, nights: readonly Night[], workers: number): Promise<ConversionJob[]> {
  const queue = queueOf(paths, workers)
  queue.add(await toConvert(paths, nights, []))
  queue.close()
  const jobs: ConversionJob[] = []
  for (let job = await queue.next(); job; job = await queue.next()) jobs.push(job)
  return jobs
}

async function stemsOf(queue: Queue): Promise<string[] | undefined> {
  return (await queue.next())?.nights.map(({ stem }) => stem)
}

/** Nights with sparse tarballs of these sizes, in MiB. */
async function nightsOf(paths: Paths, sizes: readonly number[]): Promise<Night[]> {
  const dateOf = (i: number) => new Date(Date.UTC(2019, 0, 1 + i)).toISOString().slice(0, 10).replaceAll('-', '')
  const nights = sizes.map((_, i) => nightOf(`ztf_public_${dateOf(i)}.tar.gz`))
  for (const [i, night] of nights.entries()) {
    await writeFile(paths.tarball(night), '')
    await truncate(paths.tarball(night), (sizes[i] as number) * MIB)
  }
  return nights
}
