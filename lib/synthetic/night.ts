import { constants, gunzipSync } from 'node:zlib'
import { makeAlert, type Values } from './alert.ts'
import { type ArrayBlocks, encodePacket } from './avro.ts'
import { type RecordType, recordType } from './avro-type.ts'
import type { Damage } from './damage.ts'
import { gzip, gzipMembers } from './gzip.ts'
import { Random } from './random.ts'
import { REAL_LENGTH, type SchemaOptions, type Style, schemaText, type Version } from './schema.ts'
import type { StampSize } from './stamp.ts'
import { type Layout, packTar, type Tar, type TarOptions } from './tar.ts'

export type NightKind = 'night' | 'programid3'

/** Schema of an alert. */
export type SchemaVariant = Pick<SchemaOptions, 'version' | 'style' | 'indent' | 'length' | 'extra'>

export interface NightOptions {
  /** Date of the night, `YYYYMMDD`. */
  night: string
  kind?: NightKind
  /** Number of alerts, without duplicates. */
  alerts?: number
  /** Number of the first alert, if a night is made in parts. */
  first?: number
  seed?: number
  /** Schemas, used in turn. Default: that of the real archive at the date. */
  schemas?: readonly SchemaVariant[]
  layout?: Layout
  stamps?: StampSize
  edges?: number
  /** Returns replacements of some values of the alert, given its number. */
  edit?: (values: Values, index: number) => Values
  arrays?: ArrayBlocks
  tar?: Omit<TarOptions, 'layout'>
  /** Corrupts packets, by their number. */
  damage?: Readonly<Record<number, Damage>>
  /** Numbers of alerts to repeat at the end. */
  duplicates?: readonly number[]
  /** Cuts the tar at this byte, or this number of bytes after a member's header begins. The gzip stream stays whole. */
  cutTar?: number | { member: number; bytes: number }
  /** Fraction of the gzip file to keep. */
  cutGzip?: number
  /** Number of gzip members. */
  gzipMembers?: number
  /** Compression level. */
  level?: number
}

export interface SyntheticAlert {
  /** Name of the tar member. */
  name: string
  version: Version
  style: Style
  values: Values
  /** Not damaged or cut, so a reader must find it. */
  readable: boolean
  /** Second copy of an alert. */
  duplicate: boolean
}

export interface SyntheticNight {
  /** `ztf_public_YYYYMMDD.tar.gz`, or with `_programid3`. */
  name: string
  bytes: Buffer
  /** In the order of the tar, including damaged, cut and repeated ones. */
  alerts: SyntheticAlert[]
}

/** Forms of a night without alerts: no bytes, a gzip of nothing or of an empty tar, or an empty tar. */
export type EmptyForm = 'nothing' | 'gzip' | 'tar' | 'zeros'

const GO_TEMPORARY = 'ztf-go-archivist_tmp_programid1_'
const EMPTY_TAR = Buffer.alloc(1024)
/** Spreads small seeds over all 32 bits. */
const SEED_STEP = 0x9e3779b1

/** Makes a night. The same options give the same bytes. */
export function makeNight(options: NightOptions): SyntheticNight {
  const { members, tar } = makeTar(options)
  const kept = tar.bytes.subarray(0, cutPosition(tar, options.cutTar))
  const name = nightName(options.night, options.kind)
  const bytes = compress(kept, name, options)
  const readableBytes = options.cutGzip === undefined ? kept.length : inflatedLength(bytes)
  const alerts = members.map(({ bytes: _, damaged, ...alert }, index) => ({
    ...alert,
    readable: !damaged && (tar.ends[index] as number) <= readableBytes,
  }))
  return { name, bytes, alerts }
}

/** Makes a night's tar, before any cut, and its members. */
export function makeTar(options: NightOptions): { members: NightMember[]; tar: Tar } {
  const members = makeMembers(options)
  return { members, tar: packTar(members, { layout: options.layout ?? layoutOf(options.night), ...options.tar }) }
}

export function nightName(night: string, kind: NightKind = 'night'): string {
  return `ztf_public_${night}${kind === 'programid3' ? '_programid3' : ''}.tar.gz`
}

/** Makes a night without alerts, as small as real ones: 0, 44 or 55 (depending on its name), 74 or 1,024 bytes. */
export function emptyNight(night: string, form: EmptyForm, kind: NightKind = 'night'): SyntheticNight {
  const name = nightName(night, kind)
  const forms: Record<EmptyForm, () => Buffer> = {
    nothing: () => Buffer.alloc(0),
    gzip: () => gzip(Buffer.alloc(0), { name: innerName(name) }),
    tar: () => gzip(EMPTY_TAR, { name: `${GO_TEMPORARY}${night}.tar` }),
    zeros: () => EMPTY_TAR,
  }
  return { name, bytes: forms[form](), alerts: [] }
}

/** Alerts that a reader must find: without damaged, cut and repeated ones. */
export function readableAlerts(...nights: SyntheticNight[]): SyntheticAlert[] {
  return nights.flatMap(night => {
    const found = new Set<string>()
    return night.alerts.filter(({ name, readable }) => readable && found.size < found.add(name).size)
  })
}

/** Schema that the real archive had at a date. */
export function schemaVariantOf(night: string, stamps: StampSize = 'small'): SchemaVariant {
  const version = versionOf(night)
  const style: Style = night <= '20200424' ? 'python' : 'go'
  return stamps === 'real' ? { version, style, length: REAL_LENGTH[version] } : { version, style }
}

type NightMember = Omit<SyntheticAlert, 'readable'> & { bytes: Buffer; damaged: boolean }

function makeMembers(options: NightOptions): NightMember[] {
  const { night, seed = 1, alerts = 10, first: number = 0, stamps, duplicates = [] } = options
  const schemas = (options.schemas ?? [schemaVariantOf(night, stamps)]).map(prepare)
  const kind = options.kind === 'programid3' ? 3 : 0
  const random = new Random(Math.imul(seed + number, SEED_STEP) ^ Number(night) ^ kind)
  const first = Array.from({ length: alerts }, (_, index) =>
    makeMember(schemas[index % schemas.length] as PreparedSchema, number + index, random, options),
  )
  return [...first, ...duplicates.map(index => ({ ...(first[index] as NightMember), duplicate: true }))]
}

interface PreparedSchema {
  variant: SchemaVariant
  text: string
  type: RecordType
}

function prepare(variant: SchemaVariant): PreparedSchema {
  const text = schemaText(variant)
  return { variant, text, type: recordType(text) }
}

function makeMember(prepared: PreparedSchema, index: number, random: Random, options: NightOptions): NightMember {
  const { version, style } = prepared.variant
  const { night, kind, stamps = 'small', edges = 0.001, arrays = 'plain', damage = {}, edit } = options
  const programid = kind === 'programid3' ? 3 : 1
  const made = makeAlert(prepared.type, { night, index, random, version, programid, stamps, edges })
  const values = edit ? { ...made, ...edit(made, index) } : made
  const packet = encodePacket(values, { schema: prepared.text, style, random, arrays })
  const corrupt = damage[index]
  const bytes = corrupt ? corrupt(packet) : packet
  return { name: `${values.candid}.avro`, version, style, values, duplicate: false, bytes, damaged: Boolean(corrupt) }
}

function versionOf(night: string): Version {
  if (night < '20180920') return '1.8'
  if (night < '20190619') return '3.1'
  return night < '20231012' ? '3.3' : '4.02'
}

function layoutOf(night: string): Layout {
  return night <= '20200424' ? 'gnu' : 'ustar'
}

function cutPosition({ bytes, offsets }: Tar, cut: NightOptions['cutTar']): number {
  if (cut === undefined) return bytes.length
  return typeof cut === 'number' ? cut : (offsets[cut.member] as number) + cut.bytes
}

function compress(tar: Buffer, name: string, { cutGzip = 1, gzipMembers: count = 1, level = 6 }: NightOptions): Buffer {
  const bytes = gzipMembers(tar, count, { name: innerName(name), level })
  return bytes.subarray(0, Math.floor(bytes.length * cutGzip))
}

/** Number of bytes that a cut gzip file inflates to. */
function inflatedLength(bytes: Buffer): number {
  return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).length
}

function innerName(name: string): string {
  return name.replace(/\.gz$/, '')
}
