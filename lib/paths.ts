import { join, resolve } from 'node:path'
import about from '../package.json' with { type: 'json' }
import { type Night, partition } from './night.ts'

/** Where everything lies below the data folder. Nothing else spells these names. */
export class Paths {
  readonly data: string
  readonly tarballs: string
  readonly lake: string
  readonly bad: string
  readonly failed: string
  /** Pages and pictures of what was looked at. */
  readonly looks: string

  constructor(data: string) {
    this.data = data
    this.tarballs = join(data, 'tarballs')
    this.lake = join(data, 'lake')
    this.bad = join(data, 'bad')
    this.failed = join(data, 'failed')
    this.looks = join(data, 'look')
  }

  tarball(night: Night): string {
    return join(this.tarballs, night.name)
  }

  /** What aria2c writes until the tarball is whole. */
  part(night: Night): string {
    return `${this.tarball(night)}.part`
  }

  /** The md5 that a tarball was found to have. */
  receipt(night: Night): string {
    return join(this.tarballs, '.md5', `${night.stem}.json`)
  }

  /** Why the night was last not fetched or not converted. */
  failure(night: Night): string {
    return join(this.failed, `${night.stem}.txt`)
  }

  /** The page to look at: beside the lake, in which readers would take it for a file of theirs. */
  get report(): string {
    return join(this.data, 'report.html')
  }

  get manifests(): string {
    return join(this.lake, '_manifest')
  }

  manifest(night: Night): string {
    return join(this.manifests, `${night.stem}.json`)
  }

  /** The lake's schema, where some nights have columns that others lack: Spark takes it from a file of this name. */
  get commonMetadata(): string {
    return join(this.lake, '_common_metadata')
  }

  partition(night: Night): string {
    return join(this.lake, partition(night))
  }

  /** Where nights are built, each in a folder of its own: on the lake's own disk, and hidden from readers. */
  get staging(): string {
    return join(this.lake, '_staging')
  }

  /** How far the conversion of a night is; what is left of it goes with what else is left of the night. */
  conversionProgress(night: Night): string {
    return join(this.staging, `${night.stem}.progress`)
  }

  /** Says who has the lake, or the tarballs, to itself. */
  lock(what: 'lake' | 'download'): string {
    return join(this.data, 'lock', what)
  }

  /** Folder by which `make download` and its processes work together. */
  get downloadRun(): string {
    return resolve(`${this.lock('download')}.run`)
  }

  /** Last night that may be downloaded now, in a run that converts and removes tarballs. */
  get downloadLimit(): string {
    return join(this.downloadRun, 'limit')
  }

  /** How far the run is that holds it; who holds it next removes what is left of this. */
  progress(what: 'lake' | 'download'): string {
    return `${this.lock(what)}.progress`
  }

  /** What was found in the lake and is none of it, under its path there. */
  get orphans(): string {
    return join(this.bad, 'orphans')
  }

  /** The last tarball of a night whose bytes were not those that the archive lists, and the record of it. */
  quarantinedTarball(night: Night): string {
    return join(this.bad, night.name)
  }

  quarantineRecord(night: Night): string {
    return join(this.bad, `${night.stem}.json`)
  }

  /** Damaged packets of a night, raw, kept aside. */
  badPackets(night: Night): string {
    return join(this.bad, night.stem)
  }
}

/** The project's own folder, seen from here as from where the scripts are built. */
export const PROJECT = join(import.meta.dirname, '..')

/** Path of a bundle that scripts/build.ts made, e.g. `convert-worker.js`. */
export function built(name: string): string {
  return join(PROJECT, '.build', name)
}

/** What wrote a file, as its metadata states it. */
export const WRITER = `ztf-lake ${about.version}`
