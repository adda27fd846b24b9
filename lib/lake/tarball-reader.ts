import type { FixedColumn } from '../alerts/columns.ts'
import { alertColumns, type CompiledSchema, compile } from '../alerts/compile.ts'
import { CorruptPacketError } from '../alerts/corrupt-packet.ts'
import { Decoder } from '../alerts/decoder.ts'
import { CorruptGzipError, gunzip } from '../alerts/gunzip.ts'
import { PacketReader } from '../alerts/packet.ts'
import { type Member, type TarEnd, TarReader } from '../alerts/tar.ts'
import { clipped } from '../core/console.ts'
import { statOptional } from '../core/files.ts'
import { showCount } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import { type Paths, WRITER } from '../paths.ts'
import type { DamagedPackets } from './damaged-packets.ts'
import { LakeFiles, type LakeFilesOptions } from './lake-files.ts'
import type { LakeFile, Manifest } from './manifest.ts'
import { ROW_GROUP_ALERTS } from './parquet.ts'
import { salvageReason } from './salvage.ts'

/** Total packet size in bytes at which a batch ends early, to bound memory. 375 real packets take up only 27 MB. */
const MAX_BATCH_BYTES = 32 << 20
/**
 * Total packet size of a row group, in bytes, above which its file is closed early, because the writer holds the row
 * group in memory. A row group of 375 packets of the maximum size would take up 6 GB.
 */
const MAX_ROW_GROUP_BYTES = 128 << 20

export interface ConversionProgress {
  /** Number of compressed bytes read so far. */
  read: number
  /** Number of alerts read so far, without duplicates. */
  alerts: number
}

/** Manifest fields that TarballReader fills in; convertNight adds the others. */
type Contents = Omit<Manifest, 'listed' | 'replaces' | 'seconds' | 'peakMemory'>

/** Reads a tarball and writes its alerts to Parquet files, without duplicates and in the tar's order. */
export class TarballReader {
  private readonly paths: Paths
  private readonly options: LakeFilesOptions
  private readonly damaged: DamagedPackets
  private readonly files: LakeFiles

  private readonly columns = alertColumns()
  private readonly candids = this.columns.children.get('candid') as FixedColumn
  private readonly decoder = new Decoder()
  private readonly packets = new PacketReader(schema => this.compile(schema))
  private readonly tar = new TarReader()

  /** Contents of the current batch: numbers of rows, packet bytes and array elements, and the schema versions. */
  private rows = 0
  private bytes = 0
  private elements = 0
  private readonly batchVersions = new Set<string>()
  /** Size of the current row group, without the current batch. */
  private rowGroup = { rows: 0, bytes: 0 }
  /** True if the batch has columns that are not in the current file. */
  private extended = false

  private tarBytes = 0
  private members = 0
  private readonly seen = new Set<bigint>()
  private readonly duplicates: string[] = []
  private readonly newColumns: string[] = []
  private readonly versions = new Map<string, number>()

  constructor(paths: Paths, options: LakeFilesOptions, damaged: DamagedPackets) {
    this.paths = paths
    this.options = options
    this.damaged = damaged
    this.files = new LakeFiles(options)
  }

  /**
   * Converts the whole tarball.
   * @throws Error if the file is not a tarball, or none of its packets can be read
   */
  async read(progress: ConversionProgress): Promise<Contents> {
    try {
      const damage = await this.readTar(progress)
      await this.flush()
      return await this.manifest(await this.files.finish(), this.tar.end(), damage)
    } catch (error) {
      await this.files.abandon()
      throw error
    }
  }

  /** Adds all members, up to any damage in the gzip stream. Returns a description of the damage, if any. */
  private async readTar(progress: ConversionProgress): Promise<string | undefined> {
    try {
      for await (const chunk of gunzip(this.paths.tarball(this.options.night), progress)) {
        this.tarBytes += chunk.length
        for (const member of this.tar.push(chunk)) await this.addMember(member)
        progress.alerts = this.seen.size
      }
      return undefined
    } catch (error) {
      if (error instanceof CorruptGzipError) return error.message
      throw error
    }
  }

  private async addMember(member: Member): Promise<void> {
    if (++this.members > LIMITS.members)
      throw new Error(`it has more than ${showCount(LIMITS.members)} members, three times as many as any real night`)
    const damage = this.addAlert(member)
    if (damage) await this.damaged.keep(member, damage.message)
    const full = this.rows >= Math.min(ROW_GROUP_ALERTS, this.files.remaining) || this.elements >= LIMITS.batchElements
    if (full || this.bytes >= MAX_BATCH_BYTES) await this.flush()
  }

  /** Adds an alert to the batch, unless it is a duplicate; returns an error if its packet is damaged. */
  private addAlert(member: Member): CorruptPacketError | undefined {
    const row = this.rows
    try {
      const version = this.decode(member)
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
      // Rethrow errors that are not the packet's fault, such as running out of memory. The whole night then fails.
      if (!(error instanceof CorruptPacketError)) throw error
      this.columns.truncate(row)
      return error
    }
  }

  private count(schemaVersion: string): void {
    const isKnown = this.versions.has(schemaVersion) || this.versions.size < LIMITS.schemaVersions
    const version = isKnown ? schemaVersion : 'other'
    this.versions.set(version, (this.versions.get(version) ?? 0) + 1)
    this.batchVersions.add(version)
  }

  /** Decodes an alert into the next row; returns its schema version. */
  private decode({ bytes, start, size, oversize }: Member): string {
    if (oversize) throw new CorruptPacketError(`it has ${size} bytes, more than any alert`)
    const { schema, ...record } = this.packets.open(bytes, start, start + size)
    this.decoder.decode(schema.step, this.rows, bytes, record.start, record.end)
    if (!this.candids.has(this.rows)) throw new CorruptPacketError('it has no candid')
    return schema.version
  }

  private compile(text: string): CompiledSchema {
    const schema = compile(text, this.columns, LIMITS.addedColumns - this.newColumns.length)
    this.newColumns.push(...schema.added)
    this.extended ||= schema.added.length > 0
    return schema
  }

  private async flush(): Promise<void> {
    if (this.rows === 0) return
    if (this.extended) this.files.endFile()
    this.extended = false
    await this.files.add(this.columns, this.rows, this.batchVersions)
    this.endRowGroup()
    this.columns.truncate(0)
    this.rows = this.bytes = this.elements = 0
    this.batchVersions.clear()
  }

  private endRowGroup(): void {
    const { rowGroup } = this
    rowGroup.rows += this.rows
    rowGroup.bytes += this.bytes
    const isTooLarge = rowGroup.bytes > MAX_ROW_GROUP_BYTES
    if (isTooLarge) this.files.endFile()
    if (isTooLarge || rowGroup.rows >= ROW_GROUP_ALERTS) this.rowGroup = { rows: 0, bytes: 0 }
  }

  private async manifest(files: readonly LakeFile[], tar: TarEnd, damage: string | undefined): Promise<Contents> {
    const alerts = files.reduce((sum, file) => sum + file.alerts, 0)
    const [duplicates, damaged] = [this.duplicates.length, this.damaged.packets.length]
    if (alerts + duplicates + damaged !== tar.members)
      throw new Error(
        `its ${tar.members} members became ${alerts} alerts, ${duplicates} duplicates and ${damaged} damaged packets`,
      )
    const salvage = salvageReason(damage, tar, this.tarBytes)
    this.assertUsable(tar, alerts, salvage)
    const { night, md5, codec, alertsPerFile } = this.options
    return {
      tarball: night.name,
      night: night.date,
      state: salvage ? 'salvaged' : tar.members === 0 ? 'empty' : 'whole',
      ...(salvage && { salvage }),
      md5,
      tarballBytes: (await statOptional(this.paths.tarball(night)))?.size ?? 0,
      tarBytes: this.tarBytes,
      members: tar.members,
      alerts,
      duplicates,
      damaged,
      duplicateCandids: this.duplicates,
      damagedPackets: this.damaged.packets,
      schemaVersions: Object.fromEntries(this.versions),
      newColumns: this.newColumns,
      files,
      codec,
      alertsPerFile,
      writer: WRITER,
    }
  }

  private assertUsable(tar: TarEnd, alerts: number, salvage: string | undefined): void {
    const { packets } = this.damaged
    const [first] = packets
    if (first && alerts === 0) {
      const name = clipped(first.member, LIMITS.shownNameLength)
      throw new Error(`none of its ${packets.length} packets can be read (${name}: ${first.reason})`)
    }
    if (salvage && tar.members === 0)
      throw new Error(`it has no alerts, and ${salvage}: delete it and run make download`)
  }
}
