import { parseSchema } from '../alerts/schema.ts'
import { makeAlert, type Values } from './alert.ts'
import { type ArrayBlocks, encodePacket } from './avro.ts'
import { gzip } from './gzip.ts'
import { Random } from './random.ts'
import { REAL_LENGTH, type Style, schemaText, type Version } from './schema.ts'
import type { StampSize } from './stamp.ts'
import { type Layout, tarEnd, tarEntry } from './tar.ts'

/** Kind of tarball. Some nights in 2019 have a second tarball, `programid3`, with the alerts of program 3. */
export type NightKind = 'night' | 'programid3'

export interface WrittenSchema {
  readonly text: string
  readonly style: Style
}

export interface NightOptions {
  /** Date of the night, `YYYYMMDD`. */
  night: string
  kind?: NightKind
  alerts?: number
  /** Index of the first alert, for a night made in parts. */
  first?: number
  seed?: number
  /** Schemas that the alerts use in turn. The default is the archive's schema on this date. */
  schemas?: readonly WrittenSchema[]
  arrays?: ArrayBlocks
  stamps?: StampSize
  /** Fraction of unusual values, such as NaN. */
  edges?: number
  /** Returns the values to replace in the alert with this index. */
  edit?: (values: Values, index: number) => Values
}

export interface SyntheticAlert {
  /** Name of the tar member. */
  name: string
  values: Values
  packet: Buffer
}

export interface Tarball {
  /** `ztf_public_YYYYMMDD.tar.gz` or `ztf_public_YYYYMMDD_programid3.tar.gz`. */
  name: string
  bytes: Buffer
}

const EMPTY_TAR = Buffer.alloc(1024)
/** Multiplier that spreads small seeds over all 32 bits. */
const SEED_STEP = 0x9e3779b1

/** Makes a night. The same options always give the same bytes. */
export function makeNight(options: NightOptions): Tarball & { alerts: SyntheticAlert[] } {
  const alerts = makeAlerts(options)
  const layout = layoutOf(options.night)
  const tar = Buffer.concat(alerts.map(({ name, packet }) => tarEntry({ name, bytes: packet }, layout)))
  const name = nightName(options.night, options.kind)
  const bytes = gzip(Buffer.concat([tar, tarEnd(tar.length, layout)]), { name: name.replace('.gz', '') })
  return { name, bytes, alerts }
}

/** Makes a tarball without alerts, like those in the archive for many cloudy nights. */
export function emptyNight(night: string): Tarball {
  return { name: nightName(night), bytes: gzip(EMPTY_TAR, { name: `ztf-go-archivist_tmp_programid1_${night}.tar` }) }
}

export function nightName(night: string, kind: NightKind = 'night'): string {
  return `ztf_public_${night}${kind === 'programid3' ? '_programid3' : ''}.tar.gz`
}

export function makeAlerts(options: NightOptions): SyntheticAlert[] {
  const { night, kind, seed = 1, alerts = 10, first = 0, stamps = 'small', edges = 0.001, arrays = 'plain' } = options
  const schemas = (options.schemas ?? [schemaOfDate(night, stamps)]).map(schema => ({
    ...schema,
    ...parseSchema(schema.text),
  }))
  const [programid, variation] = kind === 'programid3' ? [3, 3] : [1, 0]
  const random = new Random(Math.imul(seed + first, SEED_STEP) ^ Number(night) ^ variation)
  return Array.from({ length: alerts }, (_, i) => {
    const index = first + i
    const { text, style, shape, version } = schemas[i % schemas.length] as (typeof schemas)[number]
    const made = makeAlert(shape, { night, index, random, version, programid, stamps, edges })
    const values = { ...made, ...options.edit?.(made, index) }
    return {
      name: `${values.candid}.avro`,
      values,
      packet: encodePacket(values, { schema: text, style, random, arrays }),
    }
  })
}

function schemaOfDate(night: string, stamps: StampSize): WrittenSchema {
  const version = versionOf(night)
  const style: Style = night <= '20200424' ? 'python' : 'go'
  const length = stamps === 'real' ? REAL_LENGTH[version] : 0
  return { style, text: schemaText({ version, style, length }) }
}

function versionOf(night: string): Version {
  if (night < '20180920') return '1.8'
  if (night < '20190619') return '3.1'
  return night < '20231012' ? '3.3' : '4.02'
}

export function layoutOf(night: string): Layout {
  return night <= '20200424' ? 'gnu' : 'ustar'
}
