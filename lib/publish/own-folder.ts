import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { filterLimit, statOptional } from '../core/files.ts'
import { TREES } from './layout.ts'

/** @throws Error if publishing to a folder would change the data folder itself */
export async function assertNotOwn(folder: string, data: string): Promise<void> {
  const [to, own] = await Promise.all([realPath(folder), realPath(data)])
  // A folder has several paths if its disk is mounted more than once.
  const shared = await filterLimit(TREES, tree => areSame(join(to, tree), join(own, tree)))
  if (isBelow(to, own) || TREES.some(tree => isBelow(own, join(to, tree))) || shared.length > 0)
    throw new Error(`TO is '${folder}', which overlaps with DATA='${data}': give a folder outside DATA`)
}

async function areSame(path: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([statOptional(path), statOptional(other)])
  return one !== undefined && one.ino === two?.ino && one.dev === two.dev
}

function isBelow(path: string, folder: string): boolean {
  return !/^\.\.(\/|$)/.test(relative(folder, path))
}

/** Path without symbolic links. Its end may not exist yet. */
async function realPath(path: string): Promise<string> {
  return realpath(path).catch(async () => join(await realPath(dirname(path)), basename(path)))
}
