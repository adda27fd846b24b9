import { join, resolve } from 'node:path'
import about from '../package.json' with { type: 'json' }
import { type Night, partition } from './night.ts'

/** Locks of commands that may run at the same time. */
export type LockName = 'lake' | 'download' | 'publish'

/** Paths of the files and folders in the data folder. */
export class Paths {
  readonly data: string
  readonly tarballs: string
  readonly lake: string
  readonly manifests: string
  /** Parquet file with all columns of the lake, for Spark. It is needed only if nights have different columns. */
  readonly commonMetadata: string
  /** Folder for nights during conversion. It is on the lake's disk, so that a rename can publish them. */
  readonly staging: string
  /** Folder with a file for each new column that a conversion of the current run has claimed. */
  readonly columnClaims: string
  /** The staging folder of lakes that earlier versions made. */
  readonly formerStaging: string
  /** Parquet file with one row per file of the lake, for readers that cannot list the lake's folders. */
  readonly files: string
  /** SHA-256 of every file of the lake, in the format of sha256sum. */
  readonly checksums: string
  readonly candidates: string
  /** Folder for candidates files during conversion. It is outside their table, because Polars reads every file there. */
  readonly candidatesStaging: string
  readonly index: string
  /** Folder for files of the index while they are written. */
  readonly indexStaging: string
  /** JSON file that records which candidates files the index was made from. */
  readonly indexRecord: string
  /** JSON file with all manifests, without their long lists. */
  readonly summaries: string
  /** Folder for temporary files, such as those of queries that need more than their memory. */
  readonly temporary: string
  readonly bad: string
  /** Folder for files from the lake and the candidates table that are not in any manifest. They keep their relative paths. */
  readonly orphans: string
  readonly failed: string
  /** JSON file with the files that `make check AT=` has found damaged. */
  readonly damagedAtTarget: string
  /** Folder for the pages and pictures of `make look`. */
  readonly looks: string
  /** File with a line of JSON per finished run, for the report. */
  readonly runs: string
  /** Folder with the folder that the processes of a download run share. */
  readonly downloadRun: string
  /** During `make all KEEP_TARS=no`, this file contains the name of the last night that may be downloaded now. */
  readonly downloadLimit: string

  constructor(data: string) {
    this.data = data
    this.tarballs = join(data, 'tarballs')
    this.lake = join(data, 'lake')
    this.manifests = join(this.lake, '_manifest')
    this.commonMetadata = join(this.lake, '_common_metadata')
    this.staging = join(this.lake, '_staging')
    this.columnClaims = join(this.staging, 'columns')
    this.formerStaging = join(this.lake, '_building')
    this.files = join(this.lake, '_files.parquet')
    this.checksums = join(this.lake, '_SHA256SUMS')
    this.candidates = join(data, 'candidates')
    this.candidatesStaging = join(data, 'tmp', 'candidates')
    this.index = join(data, 'index')
    this.indexStaging = join(this.index, '_staging')
    this.indexRecord = join(this.index, '_inputs.json')
    this.summaries = join(this.index, '_nights.json')
    this.temporary = join(data, 'tmp')
    this.bad = join(data, 'bad')
    this.orphans = join(this.bad, 'orphans')
    this.failed = join(data, 'failed')
    this.damagedAtTarget = join(this.failed, 'published.json')
    this.looks = join(data, 'look')
    this.runs = join(data, 'runs.jsonl')
    this.downloadRun = resolve(`${this.lock('download')}.run`)
    this.downloadLimit = join(this.downloadRun, 'limit')
  }

  tarball(night: Night): string {
    return join(this.tarballs, night.name)
  }

  part(night: Night): string {
    return `${this.tarball(night)}.part`
  }

  /** File with the cached MD5 of a tarball. */
  receipt(night: Night): string {
    return join(this.tarballs, '.md5', `${night.stem}.json`)
  }

  manifest(night: Night): string {
    return join(this.manifests, `${night.stem}.json`)
  }

  partition(night: Night): string {
    return join(this.lake, partition(night))
  }

  /** File with the night's rows of the candidates table. */
  candidatesFile(night: Night): string {
    return join(this.candidates, partition(night), `${night.stem}.parquet`)
  }

  /** File with the index of a month, `YYYYMM`, in one of its orders. */
  indexFile(order: 'objects' | 'positions', month: string): string {
    const folder = `year=${month.slice(0, 4)}/month=${month.slice(4)}`
    return join(this.index, order, folder, `${order}.parquet`)
  }

  /** File with the progress of a night's conversion. */
  conversionProgress(night: Night): string {
    return join(this.staging, `${night.stem}.progress`)
  }

  /** File with the reason why a night's last download or conversion failed. */
  failure(night: Night): string {
    return join(this.failed, `${night.stem}.txt`)
  }

  /** A night's most recent tarball that did not match the listing. */
  quarantinedTarball(night: Night): string {
    return join(this.bad, night.name)
  }

  quarantineRecord(night: Night): string {
    return join(this.bad, `${night.stem}.json`)
  }

  /** Folder for a night's damaged packets. */
  badPackets(night: Night): string {
    return join(this.bad, night.stem)
  }

  lock(what: LockName): string {
    return join(this.data, 'lock', what)
  }

  /** File with the progress of a lock's holder. If the holder is killed, the next one removes the file. */
  progress(what: LockName): string {
    return `${this.lock(what)}.progress`
  }
}

/** The project's folder, which is the parent of both `lib/` and `.build/`. */
export const PROJECT = join(import.meta.dirname, '..')

/** Path of a bundle built by scripts/build.ts, e.g. `convert-worker.js`. */
export function built(name: string): string {
  return join(PROJECT, '.build', name)
}

/** Name and version of this program, as recorded in manifests and Parquet files. */
export const WRITER = `ztf-lake ${about.version}`
