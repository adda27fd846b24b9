import { expectedLake } from '../archive/census.ts'
import { divide, largestFirst, type Sized } from '../share.ts'
import { BUSY, DOWNLOADS, inTurn, type Site, WORKS, type Work } from './rates.ts'
import { Sharing } from './sharing.ts'

/** What a make command is to do with nights. */
export interface Steps {
  /** Whether they are to be fetched; else they are there. */
  readonly download: boolean
  /** What the farm's workers do with each night. */
  readonly work?: 'convert' | 'check'
  /** Bytes of tarballs that downloads may be in front of the conversion: tarballs go then. Without it they stay. */
  readonly ahead?: number
}

/** A node of the site: what its cores are called, how many workers are idle, and the nights that wait for one. */
interface Node {
  readonly cores: string
  idle: number
  /** The largest first. */
  there: Sized[]
}

/** What the farm does with a night, tarball removed or not. */
export function workOf({ bytes }: Sized, { work, ahead }: Steps): Work | undefined {
  if (work === 'convert' && ahead !== undefined) return inTurn(WORKS.convert(bytes), WORKS.check(bytes))
  return work && WORKS[work](bytes)
}

/**
 * Plays a make command through, as it would go: downloads in the order given; of each node the workers, one a core,
 * take the largest of its nights that are there.
 */
export class Schedule {
  private readonly site: Site
  private readonly steps: Steps
  private readonly sharing: Sharing
  private readonly nodes: readonly Node[]
  private readonly nodeOf = new Map<Sized, Node>()
  private listed: readonly Sized[]
  private fetching = 0
  /** Bytes fetched, or on their way, and not in the lake. */
  private inFront = 0
  private onDisk = 0
  private peak = 0

  /** @param nights as the lists have them */
  constructor(nights: readonly Sized[], site: Site, steps: Steps) {
    const { cores, link, disk } = site
    this.site = site
    this.steps = steps
    this.listed = nights
    const shares = divide(nights, site.nodes)
    this.nodes = shares.map((_, i) => ({ cores: `cores ${i}`, idle: cores, there: [] }))
    for (const [i, node] of this.nodes.entries()) for (const night of shares[i] ?? []) this.nodeOf.set(night, node)
    const capacity = this.nodes.map(node => [node.cores, cores * BUSY])
    this.sharing = new Sharing({ link, disk, ...Object.fromEntries(capacity) })
  }

  /**
   * Seconds to the end, and bytes on the disk at most: a tarball and a night in the lake are counted whole from when
   * they are begun, as make counts them.
   */
  run(): { seconds: number; peak: number } {
    if (this.steps.download) this.fetch()
    else for (const night of this.listed) this.keep(night)
    for (const node of this.nodes) this.work(node)
    this.sharing.run()
    return { seconds: this.sharing.seconds, peak: this.peak }
  }

  /** A tarball that is there from the start. */
  private keep(night: Sized): void {
    this.store(night.bytes)
    this.land(night)
  }

  private fetch(): void {
    for (let [night] = this.listed; night && this.mayGo(night); [night] = this.listed) {
      this.listed = this.listed.slice(1)
      this.fetching++
      this.inFront += night.bytes
      this.store(night.bytes)
      this.begin(WORKS.download(night.bytes, this.site), this.nodes[0] as Node, () => this.fetched(night))
    }
  }

  private mayGo({ bytes }: Sized): boolean {
    const { ahead = Number.POSITIVE_INFINITY } = this.steps
    return this.fetching < DOWNLOADS && (this.inFront === 0 || this.inFront + bytes <= ahead)
  }

  private fetched(night: Sized): void {
    this.fetching--
    this.land(night)
    this.work(this.nodeOf.get(night) as Node)
    this.fetch()
  }

  private land(night: Sized): void {
    const node = this.nodeOf.get(night) as Node
    node.there = [...node.there, night].sort(largestFirst)
  }

  private work(node: Node): void {
    while (node.idle > 0) {
      const night = node.there[0]
      const work = night && workOf(night, this.steps)
      if (!work) return
      node.there = node.there.slice(1)
      node.idle--
      if (this.steps.work === 'convert') this.store(expectedLake(night.bytes))
      this.begin(work, node, () => this.worked(night, node))
    }
  }

  private worked({ bytes }: Sized, node: Node): void {
    node.idle++
    this.inFront -= bytes
    if (this.steps.ahead !== undefined) this.store(-bytes)
    this.work(node)
    if (this.steps.download) this.fetch()
  }

  private begin({ seconds, uses: { cores = 0, ...shared } }: Work, node: Node, onEnd: () => void): void {
    this.sharing.start({ seconds, uses: { ...shared, [node.cores]: cores } }, onEnd)
  }

  private store(bytes: number): void {
    this.onDisk += bytes
    this.peak = Math.max(this.peak, this.onDisk)
  }
}
