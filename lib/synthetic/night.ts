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

/** The schema an alert is written with. */
export type Writing = Pick<SchemaOptions, 'version' | 'style' | 'indent' | 'length' | 'extra'>

export interface NightOptions {
  /** Date of the night, `YYYYMMDD`. */
  night: string
  kind?: NightKind
  /** How many alerts to make; duplicates come on top. */
  alerts?: number
  /** Number of the first alert, where a night is made in parts. */
  first?: number
  seed?: number
  /** The schemas, used in turn; the one of the real archive at that date unless given. */
  writings?: readonly Writing[]
  layout?: Layout
  stamps?: StampSize
  edges?: number
  /** What of an alert's values, by its number, is to be otherwise. */
  edit?: (values: Values, index: number) => Values
  arrays?: ArrayBlocks
  /** What is odd about the tar: see TarOptions. */
  tar?: Omit<TarOptions, 'layout'>
  /** What is wrong with single packets, by their number. */
  damage?: Readonly<Record<number, Damage>>
  /** Numbers of alerts that come a second time, at the end. */
  duplicates?: readonly number[]
  /** Cut the tar after so many bytes, or so many bytes after the header of a member, and end the gzip properly. */
  cutTar?: number | { member: number; bytes: number }
  /** Cut the gzip: keep this share of its bytes. */
  cutGzip?: number
  /** Write the gzip as so many members. */
  gzipMembers?: number
  /** Level of the gzip. */
  level?: number
}

export interface SyntheticAlert {
  /** Name of the tar member. */
  name: string
  version: Version
  style: Style
  values: Values
  /** Not damaged, and whole before any cut: a reader must find it. */
  readable: boolean
  /** The second copy of an alert. */
  duplicate: boolean
}

export interface SyntheticNight {
  /** `ztf_public_YYYYMMDD.tar.gz`, or with `_programid3`. */
  name: string
  bytes: Buffer
  /** In the order of the tar, damaged, cut off and repeated ones included. */
  alerts: SyntheticAlert[]
}

/** The stubs that stand for a night without alerts: no bytes, a gzip of nothing or of an empty tar, or an empty tar. */
export type EmptyForm = 'nothing' | 'gzip' | 'tar' | 'zeros'

const GO_TEMPORARY = 'ztf-go-archivist_tmp_programid1_'
const EMPTY_TAR = Buffer.alloc(1024)
/** Spreads small seeds over all 32 bits. */
const SEED_STEP = 0x9e3779b1

/** A night as the archive would have it; the same options give the same bytes. */
export function makeNight(options: NightOptions): SyntheticNight {
  const { made, tar } = makeTar(options)
  const kept = tar.bytes.subarray(0, cutPosition(tar, options.cutTar))
  const name = nightName(options.night, options.kind)
  const bytes = compress(kept, name, options)
  const reach = options.cutGzip === undefined ? kept.length : reachOf(bytes)
  const alerts = made.map(({ bytes: _, damaged, ...alert }, index) => ({
    ...alert,
    readable: !damaged && (tar.ends[index] as number) <= reach,
  }))
  return { name, bytes, alerts }
}

/** A night's tar, before any cut, and what is in it. */
export function makeTar(options: NightOptions): { made: Made[]; tar: Tar } {
  const made = makeMembers(options)
  return { made, tar: packTar(made, { layout: options.layout ?? layoutOf(options.night), ...options.tar }) }
}

/** The name of a night's tarball. */
export function nightName(night: string, kind: NightKind = 'night'): string {
  return `ztf_public_${night}${kind === 'programid3' ? '_programid3' : ''}.tar.gz`
}

/** A night without alerts: 0 bytes, 44 or 55 (by its name's length), 74 or 1024, as the real ones are. */
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

/** The alerts of nights that a reader must find: damaged, cut off and repeated ones are left out. */
export function expectedAlerts(...nights: SyntheticNight[]): SyntheticAlert[] {
  return nights.flatMap(night => {
    const found = new Set<string>()
    return night.alerts.filter(({ name, readable }) => readable && found.size < found.add(name).size)
  })
}

/** The schema of the real archive at a date. */
export function writingOf(night: string, stamps: StampSize = 'small'): Writing {
  const version = versionOf(night)
  const style: Style = night <= '20200424' ? 'python' : 'go'
  return stamps === 'real' ? { version, style, length: REAL_LENGTH[version] } : { version, style }
}

type Made = Omit<SyntheticAlert, 'readable'> & { bytes: Buffer; damaged: boolean }

function makeMembers(options: NightOptions): Made[] {
  const { night, seed = 1, alerts = 10, first: number = 0, stamps, duplicates = [] } = options
  const writings = (options.writings ?? [writingOf(night, stamps)]).map(prepare)
  const kind = options.kind === 'programid3' ? 3 : 0
  const random = new Random(Math.imul(seed + number, SEED_STEP) ^ Number(night) ^ kind)
  const first = Array.from({ length: alerts }, (_, index) =>
    makeMember(writings[index % writings.length] as Prepared, number + index, random, options),
  )
  return [...first, ...duplicates.map(index => ({ ...(first[index] as Made), duplicate: true }))]
}

interface Prepared {
  writing: Writing
  schema: string
  type: RecordType
}

function prepare(writing: Writing): Prepared {
  const schema = schemaText(writing)
  return { writing, schema, type: recordType(schema) }
}

function makeMember(prepared: Prepared, index: number, random: Random, options: NightOptions): Made {
  const { version, style } = prepared.writing
  const { night, kind, stamps = 'small', edges = 0.001, arrays = 'plain', damage = {}, edit } = options
  const programid = kind === 'programid3' ? 3 : 1
  const made = makeAlert(prepared.type, { night, index, random, version, programid, stamps, edges })
  const values = edit ? { ...made, ...edit(made, index) } : made
  const packet = encodePacket(values, { schema: prepared.schema, style, random, arrays })
  const spoil = damage[index]
  const bytes = spoil ? spoil(packet) : packet
  return { name: `${values.candid}.avro`, version, style, values, duplicate: false, bytes, damaged: Boolean(spoil) }
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

/** How many bytes come out of a gzip that was cut. */
function reachOf(bytes: Buffer): number {
  return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).length
}

function innerName(name: string): string {
  return name.replace(/\.gz$/, '')
}
