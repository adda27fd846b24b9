import { join } from 'node:path'
import { type Night, partition } from './night.ts'

/** Where everything lies below the data folder. Nothing else spells these names. */
export class Paths {
  readonly data: string
  readonly tarballs: string
  readonly lake: string
  readonly bad: string
  readonly failed: string

  constructor(data: string) {
    this.data = data
    this.tarballs = join(data, 'tarballs')
    this.lake = join(data, 'lake')
    this.bad = join(data, 'bad')
    this.failed = join(data, 'failed')
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

  partition(night: Night): string {
    return join(this.lake, partition(night))
  }

  /** Where a night's files are written until all of them are checked: on the lake's own disk, and hidden from readers. */
  building(night: Night): string {
    return join(this.lake, '_building', night.stem)
  }

  /** Damaged packets of a night, raw, kept aside. */
  badPackets(night: Night): string {
    return join(this.bad, night.stem)
  }
}
