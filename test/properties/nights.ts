import { gzip, gzipMembers } from '../../lib/synthetic/gzip.ts'
import { type Edit, edited, edits } from './bytes.ts'
import { fc } from './cases.ts'
import { type Case, hostile, WHOLE, whole } from './packets.ts'
import { type Entry, honest, lying, MEMBERS, tarOf } from './tars.ts'

/** A night's tarball, and what must come of it. */
export interface HostileNight {
  readonly tarball: Buffer
  /** The packets that are whole, where nothing is wrong with tar and gzip; undefined where something is. */
  readonly whole: readonly Buffer[] | undefined
}

const packets = fc.oneof(hostile, whole, whole)
const members = fc.tuple(packets, honest).map(([packet, entry]) => ({ packet, entry: asMember(packet, entry) }))
const others = fc.tuple(fc.oneof(honest, lying)).map(([entry]) => ({ packet: undefined, entry }))
const harmless = fc.array(members, { minLength: 1, maxLength: 10 })
const harmful = fc.array(fc.oneof(members, members, others), { minLength: 1, maxLength: 10 })

/** Tars of whole and hostile packets, in one gzip member or several. */
const sound = fc.tuple(harmless, fc.integer({ min: 1, max: 4 })).map(([entries, parts]): HostileNight => {
  const tar = tarOf(entries.map(({ entry }) => entry))
  const kept = entries.flatMap(({ packet }) => (packet.whole ? [packet.bytes] : []))
  return { tarball: gzipMembers(tar, parts), whole: kept }
})

/** The same with entries of any kind between, and with changes in tar or gzip. */
const unsound = fc
  .tuple(harmful, fc.option(edits), fc.option(edits), fc.boolean())
  .map(([entries, inTar, inGzip, bare]): HostileNight => {
    const tar = changed(tarOf(entries.map(({ entry }) => entry)), inTar)
    return { tarball: bare ? tar : changed(gzip(tar), inGzip), whole: undefined }
  })

export const nights: fc.Arbitrary<HostileNight> = fc.oneof(sound, unsound)

/** A whole alert among members of the worst names that are no alerts. */
export const HOSTILE_TAR = tarOf([
  ...MEMBERS.map(name => ({ type: '0', name, body: Buffer.from(name) })),
  { type: '0', name: 'alert.avro', body: WHOLE[0] as Buffer },
])

function asMember({ bytes }: Case, { name }: Entry): Entry {
  return { type: '0', name, body: bytes }
}

function changed(bytes: Buffer, changes: readonly Edit[] | null): Buffer {
  return changes ? edited(bytes, changes) : bytes
}
