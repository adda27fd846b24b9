import { gzip } from '../../lib/synthetic/gzip.ts'
import { gzipMembers } from '../support/gzip-members.ts'
import { type Entry, rawTar } from '../support/raw-tar.ts'
import { applyEdits, type Edit, edits } from './bytes.ts'
import { fc } from './cases.ts'
import { hostile, INTACT, intact, type PacketCase } from './packets.ts'
import { lying, MEMBER_NAMES, truthful } from './tars.ts'

export interface NightCase {
  readonly tarball: Buffer
  /** The intact packets that must be in the lake; undefined if tar or gzip may be damaged too. */
  readonly intact: readonly Buffer[] | undefined
}

const packets = fc.oneof(hostile, intact, intact)
const members = fc.tuple(packets, truthful).map(([packet, entry]) => ({ packet, entry: asMember(packet, entry) }))
const otherEntries = fc.oneof(truthful, lying).map(entry => ({ packet: undefined, entry }))
const membersOnly = fc.array(members, { minLength: 1, maxLength: 10 })
const mixed = fc.array(fc.oneof(members, members, otherEntries), { minLength: 1, maxLength: 10 })

/** Valid tars of intact and hostile packets, gzipped as one or more gzip members. */
const validTars = fc.tuple(membersOnly, fc.integer({ min: 1, max: 4 })).map(([entries, parts]): NightCase => {
  const tar = rawTar(entries.map(({ entry }) => entry))
  const kept = entries.flatMap(({ packet }) => (packet.intact ? [packet.bytes] : []))
  return { tarball: gzipMembers(tar, parts), intact: kept }
})

/** Tars with entries of any kind, and with edits to the tar, the gzip stream or both. */
const damagedTars = fc
  .tuple(mixed, fc.option(edits), fc.option(edits), fc.boolean())
  .map(([entries, inTar, inGzip, uncompressed]): NightCase => {
    const tar = maybeEdited(rawTar(entries.map(({ entry }) => entry)), inTar)
    return { tarball: uncompressed ? tar : maybeEdited(gzip(tar), inGzip), intact: undefined }
  })

export const nights: fc.Arbitrary<NightCase> = fc.oneof(validTars, damagedTars)

/** One intact alert among members with hostile names, none of which is an alert. */
export const HOSTILE_TAR = rawTar([
  ...MEMBER_NAMES.map(name => ({ type: '0', name, body: Buffer.from(name) })),
  { type: '0', name: 'alert.avro', body: INTACT[0] as Buffer },
])

function asMember({ bytes }: PacketCase, { name }: Entry): Entry {
  return { type: '0', name, body: bytes }
}

function maybeEdited(bytes: Buffer, changes: readonly Edit[] | null): Buffer {
  return changes ? applyEdits(bytes, changes) : bytes
}
