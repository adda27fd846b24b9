import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { exists, isNfsLeftover, move } from '../core/files.ts'
import { isDate, nightOfStem, partition } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/** Files in the lake that are not in any manifest. */
export interface TreeFaults {
  /** Error message for each unexpected file, folder or link, keyed by its path relative to the lake. */
  readonly orphans: ReadonlyMap<string, string>
  /** Stems of nights that have files but no manifest, e.g. after an interrupted conversion. */
  readonly incomplete: ReadonlySet<string>
  /** Paths of temporary files and folders from interrupted runs, relative to the lake. Readers ignore them. */
  readonly leftovers: readonly string[]
}

/** Names of the staging folder: the current one, and that of earlier versions. */
const STAGING = ['_staging', '_building']
const PARTITION = /^year=\d{4}(\/month=\d{2}(\/day=\d{2})?)?$/

/**
 * Searches the lake for files that are not in any manifest. Skips partitions that are not selected.
 *
 * @param recorded file names in each night's manifest, by stem; undefined if the manifest is unreadable
 */
export async function checkTree(
  paths: Paths,
  selection: Selection,
  recorded: ReadonlyMap<string, ReadonlySet<string> | undefined>,
): Promise<TreeFaults> {
  const walk = new LakeWalk(paths.lake, selection, recorded)
  await walk.root()
  return walk
}

class LakeWalk implements TreeFaults {
  readonly orphans = new Map<string, string>()
  readonly incomplete = new Set<string>()
  readonly leftovers: string[] = []
  private readonly lake: string
  private readonly selection: Selection
  private readonly recorded: ReadonlyMap<string, ReadonlySet<string> | undefined>

  constructor(lake: string, selection: Selection, recorded: LakeWalk['recorded']) {
    this.lake = lake
    this.selection = selection
    this.recorded = recorded
  }

  async root(): Promise<void> {
    for (const entry of await this.entries('')) {
      if (entry.name === '_manifest' && entry.isDirectory()) await this.visitManifests()
      else if (STAGING.includes(entry.name) && entry.isDirectory())
        for (const { name } of await this.entries(entry.name)) this.leftovers.push(`${entry.name}/${name}`)
      else if (entry.name !== '_common_metadata' || !entry.isFile()) await this.visitFolder(entry.name, entry)
    }
  }

  private async visitManifests(): Promise<void> {
    for (const entry of await this.entries('_manifest')) {
      const [, stem = '', part] = /^(\w+)\.json(\.part)?$/.exec(entry.name) ?? []
      const path = `_manifest/${entry.name}`
      if (!nightOfStem(stem) || !entry.isFile()) this.orphans.set(path, 'is not the manifest of a night')
      else if (part) this.leftovers.push(path)
    }
  }

  /** Visits an entry that should be the folder of a year, month or day. */
  private async visitFolder(path: string, entry: Dirent): Promise<void> {
    const date = path.replace(/\D/g, '')
    const isDay = date.length === 8
    if (!PARTITION.test(path) || (isDay && !isDate(date)) || !(await this.isFolder(path, entry)))
      this.orphans.set(path, 'is not a partition of the lake')
    else if (!isDay || this.selection(date))
      for (const child of await this.entries(path)) {
        const childPath = `${path}/${child.name}`
        if (isDay) this.visitFile(path, childPath, child)
        else await this.visitFolder(childPath, child)
      }
  }

  private visitFile(folder: string, path: string, entry: Dirent): void {
    const [stem = ''] = entry.name.split('-')
    const night = nightOfStem(stem)
    const isOwn = night && partition(night) === folder && entry.name.endsWith('.parquet') && entry.isFile()
    if (!isOwn) this.orphans.set(path, 'is not a file of a night of that date')
    else if (!this.recorded.has(stem)) this.incomplete.add(stem)
    else if (this.recorded.get(stem)?.has(entry.name) === false) this.orphans.set(path, 'is not in the manifest')
  }

  /** Accepts links to folders outside the lake, but not links into the lake, which would duplicate files. */
  private async isFolder(path: string, entry: Dirent): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isDirectory()
    const target = await realpath(join(this.lake, path)).catch(() => '')
    const isElsewhere = relative(await realpath(this.lake), target).startsWith('..')
    return target !== '' && isElsewhere && (await stat(target)).isDirectory()
  }

  private async entries(path: string): Promise<Dirent[]> {
    const entries = await readdir(join(this.lake, path), { withFileTypes: true }).catch(error => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return entries.filter(({ name }) => !isNfsLeftover(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/**
 * Moves an orphan to `bad/orphans/`, under an unused name; returns its new path.
 * @param path relative to the lake
 */
export async function moveToOrphans(paths: Paths, path: string): Promise<string> {
  let target = join(paths.orphans, path)
  for (let i = 2; await exists(target); i++) target = `${join(paths.orphans, path)}-${i}`
  await move(join(paths.lake, path), target)
  return target
}
