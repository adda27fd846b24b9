import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { exists, isNfsLeftover, move } from '../core/files.ts'
import { nightOfStem, parseNight, partition } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/** What lies in the lake's folders and is in no manifest. */
export interface TreeFaults {
  /** Paths below the lake, of files, folders and links that are none of its own, and what is wrong with each. */
  readonly orphans: ReadonlyMap<string, string>
  /** Nights without a manifest, of which a run that ended has left files; the next conversion replaces them. */
  readonly incomplete: ReadonlySet<string>
  /** Paths below the lake of what a run that ended has left where no reader looks. */
  readonly leftovers: readonly string[]
}

const LEVELS = [/^year=\d{4}$/, /^month=\d{2}$/, /^day=\d{2}$/]

/**
 * Walks the lake's folders and tells what is there besides the recorded files; of partitions those that are selected.
 *
 * @param recorded for each stem that has a manifest the names of its files; undefined where the manifest cannot be read
 */
export async function checkTree(
  paths: Paths,
  selection: Selection,
  recorded: ReadonlyMap<string, ReadonlySet<string> | undefined>,
): Promise<TreeFaults> {
  const walk = new Walk(paths.lake, selection, recorded)
  await walk.root()
  return walk
}

class Walk implements TreeFaults {
  readonly orphans = new Map<string, string>()
  readonly incomplete = new Set<string>()
  readonly leftovers: string[] = []
  private readonly lake: string
  private readonly selection: Selection
  private readonly recorded: ReadonlyMap<string, ReadonlySet<string> | undefined>

  constructor(lake: string, selection: Selection, recorded: Walk['recorded']) {
    this.lake = lake
    this.selection = selection
    this.recorded = recorded
  }

  async root(): Promise<void> {
    for (const entry of await this.entries('')) {
      if (entry.name === '_manifest' && entry.isDirectory()) await this.manifests()
      else if (entry.name === '_building' && entry.isDirectory()) await this.buildings()
      else if (entry.name !== '_common_metadata' || !entry.isFile()) await this.level(0, '', entry)
    }
  }

  private async manifests(): Promise<void> {
    for (const entry of await this.entries('_manifest')) {
      const [, stem = '', part] = /^(\w+)\.json(\.part)?$/.exec(entry.name) ?? []
      const path = join('_manifest', entry.name)
      if (!nightOfStem(stem) || !entry.isFile()) this.orphans.set(path, 'is not the manifest of a night')
      else if (part) this.leftovers.push(path)
    }
  }

  private async buildings(): Promise<void> {
    for (const { name } of await this.entries('_building')) this.leftovers.push(join('_building', name))
  }

  /** What should be a year's folder, a month's in it, or a day's in that. */
  private async level(depth: number, parent: string, entry: Dirent): Promise<void> {
    const path = join(parent, entry.name)
    if (!LEVELS[depth]?.test(entry.name) || !(await this.isFolder(path, entry)))
      this.orphans.set(path, 'is no partition of the lake')
    else if (depth === LEVELS.length - 1) await this.day(path)
    else for (const inner of await this.entries(path)) await this.level(depth + 1, path, inner)
  }

  private async day(path: string): Promise<void> {
    const date = path.replace(/\D/g, '')
    if (!parseNight(`ztf_public_${date}.tar.gz`)) this.orphans.set(path, 'is of no date')
    else if (this.selection(date)) for (const entry of await this.entries(path)) this.file(path, entry)
  }

  private file(folder: string, entry: Dirent): void {
    const [stem = ''] = entry.name.split('-')
    const night = nightOfStem(stem)
    const path = join(folder, entry.name)
    const own = night && partition(night) === folder.replaceAll(sep, '/') && entry.name.endsWith('.parquet')
    if (!own || !entry.isFile()) this.orphans.set(path, 'is no file of a night of that date')
    else if (!this.recorded.has(stem)) this.incomplete.add(stem)
    else if (this.recorded.get(stem)?.has(entry.name) === false) this.orphans.set(path, 'is not in the manifest')
  }

  /** A link to a folder elsewhere spreads the lake over disks; one into the lake would show files twice. */
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

/** Moves what lies at `path` below the lake to the strays, under a name that is free; returns where it is then. */
export async function moveToOrphans(paths: Paths, path: string): Promise<string> {
  const to = join(paths.orphans, path)
  let free = to
  for (let i = 2; await exists(free); i++) free = `${to}-${i}`
  await move(join(paths.lake, path), free)
  return free
}
