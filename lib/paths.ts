import { join, resolve } from 'node:path'
import about from '../package.json' with { type: 'json' }
import { type Night, partition } from './night.ts'

/** Files and folders in the data folder. No other module spells their names. */
export class Paths {
  readonly data: string
  readonly tarballs: string
  readonly lake: string
  readonly manifests: string
  /** The lake's schema if some nights have columns that others lack: Spark reads it from a file of this name. */
  readonly commonMetadata: string
  /** Folder for the files of nights that are being converted: on the lake's disk, so that a rename publishes them. */
  readonly staging: string
  readonly bad: string
  /** Files that were found in the lake but belong to no manifest, under their paths in the lake. */
  readonly orphans: string
  readonly failed: string
  /** Pages and pictures of `make look`. */
  readonly looks: string
  readonly report: string
  /** Folder through which a download and its processes communicate. */
  readonly downloadRun: string
  /** Last night that may be downloaded now, in a run that converts and removes tarballs. */
  readonly downloadLimit: string

  constructor(data: string) {
    this.data = data
    this.tarballs = join(data, 'tarballs')
    this.lake = join(data, 'lake')
    this.manifests = join(this.lake, '_manifest')
    this.commonMetadata = join(this.lake, '_common_metadata')
    this.staging = join(this.lake, '_staging')
    this.bad = join(data, 'bad')
    this.orphans = join(this.bad, 'orphans')
    this.failed = join(data, 'failed')
    this.looks = join(data, 'look')
    this.report = join(data, 'report.html')
    this.downloadRun = resolve(`${this.lock('download')}.run`)
    this.downloadLimit = join(this.downloadRun, 'limit')
  }

  tarball(night: Night): string {
    return join(this.tarballs, night.name)
  }

  /** The incomplete download of a tarball. */
  part(night: Night): string {
    return `${this.tarball(night)}.part`
  }

  /** The cached MD5 of a tarball. */
  receipt(night: Night): string {
    return join(this.tarballs, '.md5', `${night.stem}.json`)
  }

  manifest(night: Night): string {
    return join(this.manifests, `${night.stem}.json`)
  }

  partition(night: Night): string {
    return join(this.lake, partition(night))
  }

  /** Progress of a night's conversion. */
  conversionProgress(night: Night): string {
    return join(this.staging, `${night.stem}.progress`)
  }

  /** Why the last download or conversion of a night failed. */
  failure(night: Night): string {
    return join(this.failed, `${night.stem}.txt`)
  }

  /** The last tarball of a night that was not the listed one. */
  quarantinedTarball(night: Night): string {
    return join(this.bad, night.name)
  }

  quarantineRecord(night: Night): string {
    return join(this.bad, `${night.stem}.json`)
  }

  /** Folder of a night's damaged packets. */
  badPackets(night: Night): string {
    return join(this.bad, night.stem)
  }

  lock(what: 'lake' | 'download'): string {
    return join(this.data, 'lock', what)
  }

  /** Progress of the run that holds a lock. The next holder removes it: its name begins like the lock's. */
  progress(what: 'lake' | 'download'): string {
    return `${this.lock(what)}.progress`
  }
}

/** The project's folder: the parent of `lib/`, and of `.build/`. */
export const PROJECT = join(import.meta.dirname, '..')

/** Path of a bundle that scripts/build.ts made, e.g. `convert-worker.js`. */
export function built(name: string): string {
  return join(PROJECT, '.build', name)
}

/** Name and version of this program, as recorded in manifests and Parquet files. */
export const WRITER = `ztf-lake ${about.version}`
