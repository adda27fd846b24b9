import assert from 'node:assert/strict'
import { cp, mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { partition } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { nightOf } from './data-folder.ts'

const FIRST = nightOf('ztf_public_20191003.tar.gz')
const LAST = nightOf('ztf_public_20210401.tar.gz')

/** Makes an orphan; returns its path relative to the lake. */
type MakeOrphan = (paths: Paths, path: string) => Promise<string>

/** Functions that make orphans, and the orphans' paths, by description. */
export const ORPHANS: Record<string, [make: MakeOrphan, path: string]> = {
  'a Parquet file with a plausible name': [copied, `DAY/${FIRST.stem}-9999.parquet`],
  'a Parquet file with another name': [copied, 'DAY/part-0.parquet'],
  'a Parquet file of a night of another date': [copied, `DAY/${LAST.stem}-0000.parquet`],
  'an empty file': [emptyFile, 'DAY/_SUCCESS'],
  'a hidden file': [emptyFile, 'DAY/.hidden'],
  'a folder in a partition': [folder, 'DAY/more'],
  'a link in a partition': [linkTo('/etc/hosts'), 'DAY/link.parquet'],
  'a dangling link': [linkTo('nowhere'), 'DAY/link'],
  'a link in place of a recorded file': [replaced, 'DAY'],
  'a file in the root of the lake': [emptyFile, 'notes.txt'],
  'a folder in the root of the lake': [folder, 'old'],
  'a link into the lake': [linkTo('year=2019'), 'year=1999'],
  'a dangling link named like a year': [linkTo('nowhere'), 'year=1998'],
  'a day that is not a date': [folder, 'year=2019/month=02/day=31'],
  'a file among months': [emptyFile, 'year=2019/x.parquet'],
  'a manifest not named after a night': [emptyFile, '_manifest/x.json'],
  'a manifest with a repeated suffix': [emptyFile, `_manifest/${FIRST.stem}.json.json`],
  'a folder among the manifests': [folder, '_manifest/more'],
}

/** Replaces DAY by the partition of `FIRST`, and makes the folders above the path. */
async function prepare({ lake }: Paths, pattern: string): Promise<string> {
  const path = pattern.replace('DAY', partition(FIRST))
  await mkdir(dirname(join(lake, path)), { recursive: true })
  return path
}

async function emptyFile(paths: Paths, pattern: string): Promise<string> {
  const path = await prepare(paths, pattern)
  await writeFile(join(paths.lake, path), '')
  return path
}

async function folder(paths: Paths, pattern: string): Promise<string> {
  const path = await prepare(paths, pattern)
  await mkdir(join(paths.lake, path))
  return path
}

async function copied(paths: Paths, pattern: string): Promise<string> {
  const path = await prepare(paths, pattern)
  await cp(await parquetPath(paths), join(paths.lake, path))
  return path
}

function linkTo(target: string): MakeOrphan {
  return async (paths, pattern) => {
    const path = await prepare(paths, pattern)
    await symlink(target, join(paths.lake, path))
    return path
  }
}

/** Moves a Parquet file out of the lake, and leaves a link to it. */
async function replaced(paths: Paths): Promise<string> {
  const path = await parquetPath(paths)
  await rename(path, join(paths.data, 'elsewhere'))
  await symlink(join(paths.data, 'elsewhere'), path)
  return path.slice(paths.lake.length + 1)
}

/** Path of the Parquet file of `FIRST`. */
async function parquetPath(paths: Paths): Promise<string> {
  const [name = assert.fail()] = (await readdir(paths.partition(FIRST))).filter(name =>
    name.startsWith(`${FIRST.stem}-`),
  )
  return join(paths.partition(FIRST), name)
}
