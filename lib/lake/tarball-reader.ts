import type { FixedColumn } from '../alerts/columns.ts'
import { alertColumns, compile, type Step } from '../alerts/compile.ts'
import { CorruptPacketError } from '../alerts/damage.ts'
import { Decoder } from '../alerts/decoder.ts'
import { GzipDamage, gunzip } from '../alerts/gunzip.ts'
import { Packets } from '../alerts/packet.ts'
import { parseSchema } from '../alerts/schema.ts'
import { type Member, type TarEnd, TarReader } from '../alerts/tar.ts'
import { clipped } from '../core/console.ts'
import { statOptional } from '../core/files.ts'
import { showCount } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import type { Night } from '../night.ts'
import { type Paths, WRITER } from '../paths.ts'
import type { ConversionProgress } from '../progress/notes.ts'
import type { DamagedPackets } from './damaged-packets.ts'
import type { LakeFile, Manifest } from './manifest.ts'
import { ROW_GROUP } from './parquet.ts'
import { type LakeFileSettings, LakeFiles } from './parquet-writer.ts'

/** Bytes of packets a batch, so that memory is bounded whatever their size: 375 real ones have 27 MB. */
const BATCH_BYTES = 32 << 20

/** What a tarball tells of itself. */
type Reading = Omit<Manifest, 'listed' | 'replaces' | 'seconds' | 'peakMemory'>

/**
 * Bytes of packets in a row group, after which its file ends, since the writer holds a row group whole: 375 real alerts
 * have 27 MB, and 375 of the largest member that is read would have 6 GB.
 */
const GROUP_BYTES = 128 << 20

interface Compiled {
  readonly step: Step
  readonly version: string
}

/** Reads one tarball into Parquet files: every alert once, in the tar's order. */
export class TarballReader {
  private readonly paths: Paths
  private readonly night: Night
  private readonly settings: LakeFileSettings
  private readonly md5: string
  private readonly bad: DamagedPackets
  private readonly files: LakeFiles

  private readonly columns = alertColumns()
  private readonly candids = this.columns.children.get('candid') as FixedColumn
  private readonly decoder = new Decoder()
  private readonly packets = new Packets(schema => this.compile(schema))
  private readonly tar = new TarReader()

  /** The batch: rows in the columns, the bytes of their packets, and their schema versions. */
  private rows = 0
  private bytes = 0
  private elements = 0
  private readonly batchVersions = new Set<string>()
  /** About what the row group has that is being written. */
  private group = { rows: 0, bytes: 0 }
  /** Whether the columns are more than those of the file that is open. */
  private extended = false

  private tarBytes = 0
  private members = 0
  private readonly seen = new Set<bigint>()
  private readonly duplicates: string[] = []
  private readonly newColumns: string[] = []
  private readonly versions = new Map<string, number>()

  /** @param folder where its files are built */
  constructor(
    paths: Paths,
    night: Night,
    folder: string,
    settings: LakeFileSettings,
    md5: string,
    bad: DamagedPackets,
  ) {
    this.paths = paths
    this.night = night
    this.settings = settings
    this.md5 = md5
    this.bad = bad
    this.files = new LakeFiles(night, folder, settings, md5)
  }

  /**
   * Reads the night to its end.
   * @param gauge is told how far that is
   * @returns its manifest, but for what the tarball cannot tell
   * @throws Error in one sentence where there is no alert to be had from what should hold some
   */
  async read(gauge: ConversionProgress): Promise<Reading> {
    try {
      const damage = await this.readTar(gauge)
      await this.flush()
      return await this.manifest(await this.files.finish(), this.tar.end(), damage)
    } catch (error) {
      await this.files.abandon()
      throw error
    }
  }

  /** Returns what is wrong with the gzip stream, if something is: what precedes it has then been read. */
  private async readTar(gauge: ConversionProgress): Promise<string | undefined> {
    try {
      for await (const chunk of gunzip(this.paths.tarball(this.night), gauge)) {
        this.tarBytes += chunk.length
        for (const member of this.tar.push(chunk)) await this.take(member)
        gauge.alerts = this.seen.size
      }
      return undefined
    } catch (error) {
      if (error instanceof GzipDamage) return error.message
      throw error
    }
  }

  private async take(member: Member): Promise<void> {
    if (++this.members > LIMITS.members)
      throw new Error(`it holds more than ${showCount(LIMITS.members)} members, thrice what any night has`)
    const damage = this.add(member)
    if (damage) await this.bad.keep(member, damage.message)
    const full = this.rows >= Math.min(ROW_GROUP, this.files.room) || this.elements >= LIMITS.batchElements
    if (full || this.bytes >= BATCH_BYTES) await this.flush()
  }

  /** Adds an alert to the batch, unless its candid was there before; returns what is wrong with it, if something is. */
  private add(member: Member): CorruptPacketError | undefined {
    const row = this.rows
    try {
      const version = this.decode(member, row)
      const candid = this.candids.values[row] as bigint
      if (this.seen.has(candid)) {
        this.columns.truncate(row)
        this.duplicates.push(String(candid))
        return undefined
      }
      this.seen.add(candid)
      this.count(version)
      this.rows++
      this.bytes += member.size
      this.elements += this.decoder.elements
      return undefined
    } catch (error) {
      // What else there may be, of memory or of ours, is no fault of the packet, and fails the night.
      if (!(error instanceof CorruptPacketError)) throw error
      this.columns.truncate(row)
      return error
    }
  }

  private count(stated: string): void {
    const version = this.versions.has(stated) || this.versions.size < LIMITS.versions ? stated : 'other'
    this.versions.set(version, (this.versions.get(version) ?? 0) + 1)
    this.batchVersions.add(version)
  }

  private decode({ bytes, start, size, oversize }: Member, row: number): string {
    if (oversize) throw new CorruptPacketError(`it is ${size} bytes long, more than any alert`)
    const { schema, ...record } = this.packets.open(bytes, start, start + size)
    this.decoder.decode(schema.step, row, bytes, record.start, record.end)
    if (!this.candids.has(row)) throw new CorruptPacketError('it has no candid')
    return schema.version
  }

  private compile(text: string): Compiled {
    const { shape, version } = parseSchema(text)
    const { step, added } = compile(shape, this.columns, LIMITS.columns - this.newColumns.length)
    this.newColumns.push(...added)
    this.extended ||= added.length > 0
    return { step, version }
  }

  private async flush(): Promise<void> {
    if (this.rows === 0) return
    if (this.extended) this.files.next()
    this.extended = false
    await this.files.add(this.columns, this.rows, this.batchVersions)
    this.endLargeGroup()
    this.columns.truncate(0)
    this.rows = this.bytes = this.elements = 0
    this.batchVersions.clear()
  }

  private endLargeGroup(): void {
    const { group } = this
    group.rows += this.rows
    group.bytes += this.bytes
    if (group.bytes > GROUP_BYTES) this.files.next()
    if (group.bytes > GROUP_BYTES || group.rows >= ROW_GROUP) this.group = { rows: 0, bytes: 0 }
  }

  private async manifest(files: readonly LakeFile[], tar: TarEnd, damage: string | undefined): Promise<Reading> {
    const alerts = files.reduce((sum, file) => sum + file.alerts, 0)
    const [duplicates, damaged] = [this.duplicates.length, this.bad.packets.length]
    if (alerts + duplicates + damaged !== tar.members)
      throw new Error(`${tar.members} members became ${alerts} alerts, ${duplicates} duplicates and ${damaged} damaged`)
    const salvage = damage ?? damageOf(tar, this.tarBytes)
    const [first] = this.bad.packets
    if (first && alerts === 0)
      throw new Error(
        `none of its ${damaged} packets can be read (${clipped(first.member, LIMITS.toldName)}: ${first.reason})`,
      )
    if (salvage && tar.members === 0)
      throw new Error(`it holds no alert, and ${salvage}: delete it and run make download`)
    return {
      tarball: this.night.name,
      night: this.night.date,
      state: salvage ? 'salvaged' : tar.members === 0 ? 'empty' : 'whole',
      ...(salvage && { salvage }),
      md5: this.md5,
      tarballBytes: (await statOptional(this.paths.tarball(this.night)))?.size ?? 0,
      tarBytes: this.tarBytes,
      members: tar.members,
      alerts,
      duplicates,
      damaged,
      duplicateCandids: this.duplicates,
      damagedPackets: this.bad.packets,
      schemaVersions: Object.fromEntries(this.versions),
      newColumns: this.newColumns,
      files,
      codec: this.settings.codec,
      alertsPerFile: this.settings.alertsPerFile,
      writer: WRITER,
    }
  }
}

/** What is wrong with a tar that ended so, in half a sentence; an empty file is an empty night, not a cut one. */
function damageOf({ complete, cut, damagedBytes }: TarEnd, tarBytes: number): string | undefined {
  if (cut) return `its tar is cut inside ${clipped(cut, LIMITS.toldName)}`
  if (damagedBytes > 0) return `${damagedBytes} bytes of its tar are no member`
  if (!complete && tarBytes > 0) return 'its tar lacks the blocks that end one, so members may be missing'
  return undefined
}
