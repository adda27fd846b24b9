import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { TarReader } from '../../lib/alerts/tar.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import type { SyntheticNight } from './night.ts'
import type { SchemaVariant } from './schema-variants.ts'
import { packTar } from './tar.ts'

/** Every schema version, as each of its writers formats it. */
export const SCHEMAS: SchemaVariant[] = [
  { version: '1.8', style: 'python' },
  { version: '3.1', style: 'python' },
  { version: '3.3', style: 'python' },
  { version: '3.3', style: 'go' },
  { version: '3.3', style: 'go', indent: 2 },
  { version: '4.02', style: 'go' },
]

export interface PackedMember {
  readonly name: string
  readonly bytes: Buffer
}

/** Packets of a synthetic night, in the order of its tar. */
export function packetsOf(night: SyntheticNight): Buffer[] {
  return [...new TarReader().push(gunzipSync(night.bytes))].map(({ bytes, start, size }) =>
    bytes.subarray(start, start + size),
  )
}

/** Members of a synthetic night's tar. */
export function membersOf(night: SyntheticNight): PackedMember[] {
  return packetsOf(night).map((bytes, i) => ({ name: night.alerts[i]?.name ?? '', bytes }))
}

/** A tarball of the given members, under the night's name. */
export function repacked({ name }: SyntheticNight, members: readonly PackedMember[]): Tarball {
  return { name, bytes: gzip(packTar([...members], { layout: 'ustar' }).bytes) }
}

export function hash(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
