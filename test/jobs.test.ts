import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { makeJobs } from '../lib/jobs.ts'
import { parseListing } from '../lib/listing.ts'
import type { Night } from '../lib/night.ts'
import type { Paths } from '../lib/paths.ts'
import { ADDRESS, nightEntry, tableText } from './support/archive-table.ts'
import { dataFolder, nightOf, SETTINGS } from './support/data-folder.ts'

const MIB = 1 << 20

test('the largest nights come first and alone, small ones share, each night comes once', async t => {
  const paths = await dataFolder(t)
  const small = Array.from({ length: 40 }, (_, i) => 2 + (i % 5))
  const nights = await nightsOf(paths, [3, 900, 70, ...small, 2000, 64])
  const jobs = await makeJobs(nights, paths, SETTINGS, [], 2)

  const stems = jobs.flatMap(job => job.nights.map(({ stem }) => stem))
  assert.deepEqual([...stems].sort(), nights.map(({ stem }) => stem).sort())
  const sizes = new Map(nights.map(({ stem }, i) => [stem, [3, 900, 70, ...small, 2000, 64][i] as number]))
  const jobSizes = jobs.map(job => job.nights.map(({ stem }) => sizes.get(stem) as number))
  assert.deepEqual(jobSizes.slice(0, 4), [[2000], [900], [70], [64]])
  assert.deepEqual(
    jobSizes.flat(),
    jobSizes.flat().toSorted((a, b) => b - a),
  )
  const shared = jobSizes.slice(4)
  assert.ok(shared.length >= 7 && shared.length < 14, `${shared.length} jobs of 41 small nights`)
  for (const job of shared) assert.ok(job.slice(0, -1).reduce((sum, size) => sum + size, 0) < 64, String(job))
})

test('small nights are divided over all workers', async t => {
  const paths = await dataFolder(t)
  const jobs = await makeJobs(await nightsOf(paths, Array(12).fill(1)), paths, SETTINGS, [], 3)
  assert.deepEqual(
    jobs.map(job => job.nights.length),
    Array(12).fill(1),
  )
})

test('very many tiny nights are not all of one job', async t => {
  const paths = await dataFolder(t)
  const jobs = await makeJobs(await nightsOf(paths, Array(300).fill(0)), paths, SETTINGS, [], 1)
  assert.deepEqual(
    jobs.map(job => job.nights.length),
    [64, 64, 64, 64, 44],
  )
})

test('a job tells the md5 that the archive lists, where it lists one', async t => {
  const paths = await dataFolder(t)
  const nights = await nightsOf(paths, [2, 1])
  const md5 = 'a'.repeat(32)
  const listing = parseListing(tableText(nights.map(({ date }) => nightEntry(date))), ADDRESS)
  const [first, ...others] = listing
  assert.ok(first)
  const jobs = await makeJobs(nights, paths, SETTINGS, [{ ...first, md5 }, ...others], 1)
  const sums = jobs.flatMap(job => job.nights.map(({ listedMd5 }) => listedMd5))
  assert.deepEqual(sums, [md5, undefined])
})

/** Nights of so many MiB each; the files are holes. */
async function nightsOf(paths: Paths, sizes: readonly number[]): Promise<Night[]> {
  const at = (i: number) => new Date(Date.UTC(2019, 0, 1 + i)).toISOString().slice(0, 10).replaceAll('-', '')
  const nights = sizes.map((_, i) => nightOf(`ztf_public_${at(i)}.tar.gz`))
  for (const [i, night] of nights.entries()) {
    await writeFile(paths.tarball(night), '')
    await truncate(paths.tarball(night), (sizes[i] as number) * MIB)
  }
  return nights
}
