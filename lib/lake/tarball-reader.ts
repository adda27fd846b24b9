import { type ColumnRegistry, KnownColumns } from '../alerts/column-names.ts'
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
import type { LeafColumn, StructColumn } from '../parquet/columns.ts'
import { type Paths, WRITER } from '../paths.ts'
import type { HistoryLengths } from './candidates.ts'
import { ColumnClaims } from './column-claims.ts'
import type { DamagedPackets } from './damaged-packets.ts'
import { Duplicates } from './duplicates.ts'
import { LakeFiles, type LakeFilesOptions } from './lake-files.ts'
import type { LakeFile, Manifest } from './manifest.ts'
import { otherFormat, salvageReason } from './salvage.ts'

export interface ConversionProgress {
  /** Number of compressed bytes read so far. */
  read: number
  /** Number of alerts read so far, without duplicates. */
  alerts: number
}

/** Manifest fields that TarballReader fills in; convertNight adds the others. */
export type TarballContents = Omit<Manifest, 'candidates' | 'listed' | 'replaces' | 'seconds' | 'peakMemory'>

/** Reads a tarball and writes its alerts to Parquet files, without duplicates and in the tar's order. */
export class TarballReader {
  private readonly paths: Paths
  private readonly options: LakeFilesOptions
  private readonly damaged: DamagedPackets
  private readonly files: LakeFiles

  private readonly columns = alertColumns()
  private registry: ColumnRegistry = new KnownColumns()
  private readonly candid = this.columns.children.get('candid') as LeafColumn
  /** Strings of the candidates table. */
  private readonly texts = textColumns(this.columns)
  private readonly decoder = new Decoder()
  private readonly packets = new PacketReader(schema => this.compile(schema))
  private readonly tar = new TarReader()

  private tarBytes = 0
  /** First bytes of what should be a tar. */
  private head: Buffer | undefined
  private members = 0
  private readonly seen = new Set<bigint>()
  private readonly duplicates = new Duplicates()
  private readonly newColumns: string[] = []
  private addedColumns = 0
  private readonly versions = new Map<string, number>()

  constructor(paths: Paths, options: LakeFilesOptions, damaged: DamagedPackets) {
    this.paths = paths
    this.options = options
    this.damaged = damaged
    this.files = new LakeFiles(this.columns, options)
  }

  /** Lengths of the alerts' histories, per file of the manifest. */
  get historyLengths(): readonly HistoryLengths[] {
    return this.files.lengths
  }

  /**
   * Converts the whole tarball.
   * @throws Error if the file is not a tarball, or none of its packets can be read
   */
  async read(progress: ConversionProgress): Promise<TarballContents> {
    try {
      this.registry = await ColumnClaims.open(this.paths)
      const damage = await this.readTar(progress)
      const tarball = this.paths.tarball(this.options.night)
      await this.duplicates.keepDiffering(tarball, this.seen, this.damaged)
      return await this.manifest(await this.files.finish(), this.tar.end(), damage)
    } catch (error) {
      await this.files.abandon()
      throw error
    }
  }

  /** Adds all members, up to any damage in the gzip stream. Returns the damage, if any. */
  private async readTar(progress: ConversionProgress): Promise<CorruptGzipError | undefined> {
    try {
      for await (const chunk of gunzip(this.paths.tarball(this.options.night), progress)) {
        this.head ??= Buffer.from(chunk.subarray(0, 8))
        this.tarBytes += chunk.length
        for (const member of this.tar.push(chunk)) await this.addMember(member)
        progress.alerts = this.seen.size
      }
      return undefined
    } catch (error) {
      if (error instanceof CorruptGzipError) return error
      throw error
    }
  }

  private async addMember(member: Member): Promise<void> {
    if (++this.members > LIMITS.members)
      throw new Error(`it has more than ${showCount(LIMITS.members)} members, three times as many as any real night`)
    try {
      await this.addAlert(member)
    } catch (error) {
      // Rethrow errors that are not the packet's fault, such as running out of memory. The whole night then fails.
      if (!(error instanceof CorruptPacketError)) throw error
      this.duplicates.addDamaged(this.members - 1)
      await this.damaged.keep(member, error.message)
    }
  }

  /**
   * Adds an alert, unless it is a duplicate.
   * @throws CorruptPacketError if its packet is damaged
   */
  private async addAlert(member: Member): Promise<void> {
    const { bytes, start, size, oversize } = member
    if (oversize) throw new CorruptPacketError(`it has ${size} bytes, more than any alert`)
    const { schema, ...record } = this.packets.open(bytes, start, start + size)
    const candid = this.decode(schema, bytes, record)
    if (this.seen.has(candid)) {
      this.files.undo()
      this.duplicates.add(this.members - 1, candid)
      return
    }
    this.seen.add(candid)
    const version = this.count(schema.version)
    await this.files.add({ candid, version, bytes: size })
  }

  /** Decodes an alert into the columns; returns its candid. */
  private decode({ step }: CompiledSchema, bytes: Buffer, { start, end }: { start: number; end: number }): bigint {
    const { candid, columns } = this
    this.files.begin()
    const textBefore = this.textBytes
    try {
      this.decoder.decode(step, bytes, start, end)
      const text = this.textBytes - textBefore
      if (text > LIMITS.candidateText)
        throw new CorruptPacketError(`its strings have ${text} bytes, more than any alert's`)
      if (!candid.isDefined(columns.entries.count - 1)) throw new CorruptPacketError('it has no candid')
      return candid.lastLong()
    } catch (error) {
      this.files.undo()
      throw error
    }
  }

  private get textBytes(): number {
    let sum = 0
    for (const { length } of this.texts) sum += length
    return sum
  }

  /** Counts an alert by its schema version; returns the version, or `other` if there are too many. */
  private count(schemaVersion: string): string {
    const isKnown = this.versions.has(schemaVersion) || this.versions.size < LIMITS.schemaVersions
    const version = isKnown ? schemaVersion : 'other'
    this.versions.set(version, (this.versions.get(version) ?? 0) + 1)
    return version
  }

  /** Compiles a schema. If it adds columns, ends the current file, because all rows of a file have the same columns. */
  private compile(text: string): CompiledSchema {
    const schema = compile(text, this.columns, LIMITS.addedColumns - this.addedColumns, this.registry)
    this.addedColumns += schema.addedColumns
    this.newColumns.push(...schema.added)
    if (schema.added.length > 0) {
      this.files.endFile()
      this.packets.forgetSchemas()
    }
    return schema
  }

  private async manifest(
    files: readonly LakeFile[],
    tar: TarEnd,
    damage: CorruptGzipError | undefined,
  ): Promise<TarballContents> {
    const alerts = files.reduce((sum, file) => sum + file.alerts, 0)
    const duplicateCandids = this.duplicates.candids
    const [duplicates, damaged] = [duplicateCandids.length, this.damaged.packets.length]
    if (alerts + duplicates + damaged !== tar.members)
      throw new Error(
        `its ${tar.members} members became ${alerts} alerts, ${duplicates} duplicates and ${damaged} damaged packets`,
      )
    const salvage = salvageReason(damage?.message, tar, this.tarBytes)
    this.assertUsable(tar, alerts, salvage)
    const { night, md5, codec, alertsPerFile } = this.options
    return {
      tarball: night.name,
      night: night.date,
      state: salvage ? 'salvaged' : tar.members === 0 ? 'empty' : 'whole',
      ...(salvage && { salvage }),
      unread: (damage !== undefined && !damage.isCut) || tar.damagedBytes > 0,
      md5,
      tarballBytes: (await statOptional(this.paths.tarball(night)))?.size ?? 0,
      tarBytes: this.tarBytes,
      members: tar.members,
      alerts,
      duplicates,
      damaged,
      duplicateCandids,
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
    if (!salvage || tar.members > 0) return
    const format = otherFormat(this.head)
    throw new Error(
      format
        ? `it is not a gzipped tar, but ${format}: replace it by a gzip of its tar, or move it away and run make download`
        : `it has no alerts, and ${salvage}: delete it and run make download`,
    )
  }
}

/** Returns the string columns of the alert and of its candidate. */
function textColumns(table: StructColumn): LeafColumn[] {
  const candidate = table.children.get('candidate') as StructColumn
  return [...table.children.values(), ...candidate.children.values()].flatMap(column =>
    column.type === 'string' ? [column as LeafColumn] : [],
  )
}
