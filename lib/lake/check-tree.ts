import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { exists, isNfsLeftover, listNames, move, unusedPath } from '../core/files.ts'
import { isDate, isOwnFile, type Night, nightOfStem, partition } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { PART_SUFFIX } from './lake-files.ts'
import { BrokenManifest, inspectManifest, type Manifest } from './manifest.ts'
import { shown } from './publish.ts'

/** Files in the lake and the candidates table that are not in any manifest. */
export interface TreeFaults {
  /** Error message for each unexpected file, folder or link, keyed by its path relative to the data folder. */
  readonly orphans: ReadonlyMap<string, string>
  /** Stems of nights that have files but no manifest, e.g. after an interrupted conversion. */
  readonly incomplete: ReadonlySet<string>
  /** Paths of temporary files and folders from interrupted runs, relative to the data folder. Readers ignore them. */
  readonly leftovers: readonly string[]
}

/** Names of the staging folder: the current one, and that of earlier versions. */
const STAGING = ['_staging', '_building']
/** Files in the root of the lake that are not from any night. */
const ROOT_FILES = ['_common_metadata', '_files.parquet', '_SHA256SUMS']
const PARTITION = /^year=\d{4}(\/month=\d{2}(\/day=\d{2})?)?$/

/**
 * Searches the lake and the candidates table for files that are not in any manifest. Skips partitions that are not
 * selected.
 *
 * @param manifests the nights' manifests by stem; undefined if a manifest is unreadable
 */
export async function checkTree(
  paths: Paths,
  selection: Selection,
  manifests: ReadonlyMap<string, RecordedFiles | undefined>,
): Promise<TreeFaults> {
  const faults: Faults = { orphans: new Map(), incomplete: new Set(), leftovers: [], unrecordedCandidates: new Map() }
  const names = (namesOf: (stem: string, manifest: RecordedFiles) => readonly string[] | undefined) =>
    new Map([...manifests].map(([stem, manifest]) => [stem, manifest && namesOf(stem, manifest)]))
  const lakeFiles = names((_, { files, movedTo }) => (movedTo ? [] : files.map(({ name }) => name)))
  // A night that an earlier version converted may have a file that is not in its manifest yet: make index replaces it.
  const candidatesFiles = names((stem, { files, candidates }) =>
    candidates ? [`${stem}.parquet`] : files.length > 0 ? undefined : [],
  )
  // In this order, because a night that is published meanwhile has its files in the lake before its candidates file.
  await new TreeWalk(paths.data, 'candidates', selection, candidatesFiles, faults).root()
  await new TreeWalk(paths.data, 'lake', selection, lakeFiles, faults).root()
  for (const path of faults.orphans.keys()) explainIfMoved(path, manifests, faults)
  for (const [path, stem] of faults.unrecordedCandidates)
    if (!faults.incomplete.has(stem)) faults.orphans.set(path, 'belongs to a night that is not in the lake')
  return faults
}

type RecordedFiles = Pick<Manifest, 'files' | 'candidates' | 'movedTo'>

/** Corrects the fault of a file that an interrupted move has left: it is in the manifest, but should not be here. */
function explainIfMoved(path: string, manifests: ReadonlyMap<string, RecordedFiles | undefined>, faults: Faults): void {
  const name = basename(path)
  const night = nightOfStem(name.split('-')[0] ?? '')
  const { files = [], movedTo } = manifests.get(night?.stem ?? '') ?? {}
  const isRecorded = night && path === `lake/${partition(night)}/${name}` && files.some(file => file.name === name)
  if (isRecorded && movedTo) faults.orphans.set(path, `belongs to a night that was moved to ${movedTo}`)
}

interface Faults extends TreeFaults {
  readonly orphans: Map<string, string>
  readonly incomplete: Set<string>
  readonly leftovers: string[]
  /** Stems of nights without a manifest, by the paths of their candidates files. */
  readonly unrecordedCandidates: Map<string, string>
}

/** A walk through a folder with partitions of nights. Its paths are relative to the data folder. */
class TreeWalk {
  private readonly data: string
  private readonly top: string
  private readonly selection: Selection
  /** Names of each night's files, by stem; undefined if they are unknown. */
  private readonly recorded: ReadonlyMap<string, readonly string[] | undefined>
  private readonly faults: Faults

  constructor(data: string, top: string, selection: Selection, recorded: TreeWalk['recorded'], faults: Faults) {
    this.data = data
    this.top = top
    this.selection = selection
    this.recorded = recorded
    this.faults = faults
  }

  async root(): Promise<void> {
    for (const entry of await this.entries(this.top)) {
      const path = `${this.top}/${entry.name}`
      if (path === 'lake/_manifest' && entry.isDirectory()) await this.visitManifests(path)
      else if (STAGING.includes(entry.name) && entry.isDirectory())
        for (const { name } of await this.entries(path)) this.faults.leftovers.push(`${path}/${name}`)
      else if (!ROOT_FILES.includes(entry.name) || !entry.isFile()) await this.visitFolder(path, entry)
    }
  }

  private async visitManifests(folder: string): Promise<void> {
    for (const entry of await this.entries(folder)) {
      const [, stem = '', part] = /^(\w+)\.json((?:\.part)*)$/.exec(entry.name) ?? []
      const path = `${folder}/${entry.name}`
      if (!nightOfStem(stem) || !entry.isFile()) this.faults.orphans.set(path, 'is not the manifest of a night')
      else if (part) this.faults.leftovers.push(path)
    }
  }

  /** Visits an entry that should be the folder of a year, month or day. */
  private async visitFolder(path: string, entry: Dirent): Promise<void> {
    const inTree = path.slice(this.top.length + 1)
    const date = inTree.replace(/\D/g, '')
    const isDay = date.length === 8
    if (!PARTITION.test(inTree) || (isDay && !isDate(date)) || !(await this.isFolder(path, entry)))
      this.faults.orphans.set(path, 'is not a partition of the lake')
    else if (!isDay || this.selection(date))
      for (const child of await this.entries(path)) {
        const childPath = `${path}/${child.name}`
        if (isDay) this.visitFile(inTree, childPath, child)
        else await this.visitFolder(childPath, child)
      }
  }

  private visitFile(folder: string, path: string, entry: Dirent): void {
    // An interrupted publication leaves names like `_NAME.part`.
    const isTemporary = entry.name.endsWith(PART_SUFFIX)
    const name = isTemporary ? shown(entry.name) : entry.name
    const [stem = ''] = name.split(/[-.]/)
    const night = nightOfStem(stem)
    const isOwn = night && partition(night) === folder && name.endsWith('.parquet') && entry.isFile()
    if (!isOwn) this.faults.orphans.set(path, 'is not a file of a night of that date')
    else if (isTemporary) this.faults.leftovers.push(path)
    else if (!this.recorded.has(stem) && this.top === 'candidates') this.faults.unrecordedCandidates.set(path, stem)
    else if (!this.recorded.has(stem)) this.faults.incomplete.add(stem)
    else if (this.recorded.get(stem)?.includes(name) === false) this.faults.orphans.set(path, 'is not in the manifest')
  }

  /** Accepts links to folders outside the tree, but not links into it, which would duplicate files. */
  private async isFolder(path: string, entry: Dirent): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isDirectory()
    const target = await realpath(join(this.data, path)).catch(() => '')
    const isElsewhere = relative(await realpath(join(this.data, this.top)), target).startsWith('..')
    return target !== '' && isElsewhere && (await stat(target)).isDirectory()
  }

  private async entries(path: string): Promise<Dirent[]> {
    const entries = await readdir(join(this.data, path), { withFileTypes: true }).catch(error => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return entries.filter(({ name }) => !isNfsLeftover(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

/** Whether a night has nothing in the lake and the candidates table but a broken manifest, which may be that of another night. */
export async function isForeignManifest(paths: Paths, night: Night): Promise<boolean> {
  if (!((await inspectManifest(paths, night)) instanceof BrokenManifest)) return false
  // A night that was moved has only a candidates file.
  if (await exists(paths.candidatesFile(night))) return false
  return !(await listNames(paths.partition(night))).some(name => isOwnFile(night, name))
}

/**
 * Moves an orphan to `bad/orphans/`, under an unused name; returns its new path.
 * @param path relative to the data folder
 */
export async function moveToOrphans(paths: Paths, path: string): Promise<string> {
  const target = await unusedPath(join(paths.orphans, path))
  await move(join(paths.data, path), target)
  return target
}
