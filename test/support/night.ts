import { constants, gunzipSync } from 'node:zlib'
import type { Values } from '../../lib/synthetic/alert.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import * as synthetic from '../../lib/synthetic/night.ts'
import type { Layout } from '../../lib/synthetic/tar.ts'
import type { Damage } from './damage.ts'
import { gzipMembers } from './gzip-members.ts'
import { type SchemaVariant, writtenSchema } from './schema-variants.ts'
import { packTar, type TarOptions } from './tar.ts'

export interface NightOptions extends Omit<synthetic.NightOptions, 'schemas'> {
  schemas?: readonly SchemaVariant[]
  layout?: Layout
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
}

export interface SyntheticAlert {
  /** Name of the tar member. */
  name: string
  values: Values
  /** Not damaged or cut, so a reader must find it. */
  readable: boolean
  /** Second copy of an alert. */
  duplicate: boolean
}

export interface SyntheticNight extends synthetic.Tarball {
  /** In the order of the tar, including damaged, cut and repeated ones. */
  alerts: SyntheticAlert[]
}

/** Forms of a night without alerts: no bytes, a gzip of nothing or of an empty tar, or an empty tar. */
export type EmptyForm = 'nothing' | 'gzip' | 'tar' | 'zeros'

/** Makes a night, and damages it. The same options give the same bytes. */
export function makeNight(options: NightOptions): SyntheticNight {
  const {
    schemas,
    layout = synthetic.layoutOf(options.night),
    damage = {},
    duplicates = [],
    cutGzip = 1,
    ...rest
  } = options
  const made = synthetic.makeAlerts({ ...rest, ...(schemas && { schemas: schemas.map(writtenSchema) }) })
  const alerts = made.map(({ packet, ...alert }, i) => ({
    ...alert,
    bytes: damage[i]?.(packet) ?? packet,
    isDamaged: i in damage,
    duplicate: false,
  }))
  const members = [...alerts, ...duplicates.map(i => ({ ...(alerts[i] as (typeof alerts)[number]), duplicate: true }))]
  const tar = packTar(members, { layout, ...rest.tar })
  const { cutTar = tar.bytes.length } = rest
  const kept = tar.bytes.subarray(
    0,
    typeof cutTar === 'number' ? cutTar : (tar.offsets[cutTar.member] as number) + cutTar.bytes,
  )
  const name = synthetic.nightName(rest.night, rest.kind)
  const whole = gzipMembers(kept, rest.gzipMembers ?? 1, { name: name.replace('.gz', '') })
  const bytes = whole.subarray(0, Math.floor(whole.length * cutGzip))
  const readableBytes = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).length
  return {
    name,
    bytes,
    alerts: members.map(({ name, values, duplicate, isDamaged }, i) => ({
      ...{ name, values, duplicate },
      readable: !isDamaged && (tar.ends[i] as number) <= readableBytes,
    })),
  }
}

/** Makes a night without alerts, as small as a real one. */
export function emptyNight(night: string, form: EmptyForm): SyntheticNight {
  const { name, bytes } = synthetic.emptyNight(night)
  const forms: Record<EmptyForm, () => Buffer> = {
    nothing: () => Buffer.alloc(0),
    gzip: () => gzip(Buffer.alloc(0), { name: name.replace('.gz', '') }),
    tar: () => bytes,
    zeros: () => gunzipSync(bytes),
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
