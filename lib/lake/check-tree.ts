import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { exists, isNfsLeftover, move } from '../core/files.ts'
import { nightOfStem, parseNight, partition } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/** Files in the lake that no manifest lists. */
export interface TreeFaults {
  /** Foreign files, folders and links: for each path, relative to the lake, what is wrong with it. */
  readonly orphans: ReadonlyMap<string, string>
  /** Stems of nights that have files but no manifest: their conversion was interrupted. */
  readonly incomplete: ReadonlySet<string>
  /** Paths, relative to the lake, of an interrupted run's temporary files, which readers ignore. */
  readonly leftovers: readonly string[]
}

const LEVELS = [/^year=\d{4}$/, /^month=\d{2}$/, /^day=\d{2}$/]

/**
 * Searches the lake's folders for files that no manifest lists; of the partitions, only the selected ones.
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
      else if (entry.name === '_staging' && entry.isDirectory()) await this.visitStaging()
      else if (entry.name !== '_common_metadata' || !entry.isFile()) await this.visitLevel(0, '', entry)
    }
  }

  private async visitManifests(): Promise<void> {
    for (const entry of await this.entries('_manifest')) {
      const [, stem = '', part] = /^(\w+)\.json(\.part)?$/.exec(entry.name) ?? []
      const path = join('_manifest', entry.name)
      if (!nightOfStem(stem) || !entry.isFile()) this.orphans.set(path, 'is not the manifest of a night')
      else if (part) this.leftovers.push(path)
    }
  }

  private async visitStaging(): Promise<void> {
    for (const { name } of await this.entries('_staging')) this.leftovers.push(join('_staging', name))
  }

  /** @param depth 0 for an entry that should be a year's folder, 1 for a month's, 2 for a day's */
  private async visitLevel(depth: number, parent: string, entry: Dirent): Promise<void> {
    const path = join(parent, entry.name)
    if (!LEVELS[depth]?.test(entry.name) || !(await this.isFolder(path, entry)))
      this.orphans.set(path, 'is not a partition of the lake')
    else if (depth === LEVELS.length - 1) await this.visitDay(path)
    else for (const child of await this.entries(path)) await this.visitLevel(depth + 1, path, child)
  }

  private async visitDay(path: string): Promise<void> {
    const date = path.replace(/\D/g, '')
    if (!parseNight(`ztf_public_${date}.tar.gz`)) this.orphans.set(path, 'is not a date')
    else if (this.selection(date)) for (const entry of await this.entries(path)) this.visitFile(path, entry)
  }

  private visitFile(folder: string, entry: Dirent): void {
    const [stem = ''] = entry.name.split('-')
    const night = nightOfStem(stem)
    const path = join(folder, entry.name)
    const own = night && partition(night) === folder.replaceAll(sep, '/') && entry.name.endsWith('.parquet')
    if (!own || !entry.isFile()) this.orphans.set(path, 'is not a file of a night of that date')
    else if (!this.recorded.has(stem)) this.incomplete.add(stem)
    else if (this.recorded.get(stem)?.has(entry.name) === false) this.orphans.set(path, 'is not in the manifest')
  }

  /** A link to a folder on another disk is part of the lake; one into the lake would duplicate files. */
  private async isFolder(path: string, entry: Dirent): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isDirectory()
    const [lake, target] = await Promise.all([
      realpath(this.lake),
      realpath(join(this.lake, path)).catch(() => undefined),
    ])
    return target !== undefined && relative(lake, target).startsWith('..') && (await stat(target)).isDirectory()
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
 * Moves an orphan to `bad/orphans/`, under a name that is not taken; returns its new path.
 * @param path relative to the lake
 */
export async function moveToOrphans(paths: Paths, path: string): Promise<string> {
  let target = join(paths.orphans, path)
  for (let i = 2; await exists(target); i++) target = `${join(paths.orphans, path)}-${i}`
  await move(join(paths.lake, path), target)
  return target
}
