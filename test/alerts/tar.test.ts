import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TarReader } from '../../lib/alerts/tar.ts'
import { Random } from '../../lib/synthetic/random.ts'
import type { Member } from '../../lib/synthetic/tar.ts'
import { rawTar } from '../support/raw-tar.ts'
import { packTar, type TarOptions } from '../support/tar.ts'
import {
  CHUNK_SIZES,
  chunksOf,
  completeEnd,
  LAYOUTS,
  namesOf,
  readTar,
  someMembers,
  withHeader,
} from '../support/tar-members.ts'

const LONG_FOLDER = `${'long/'.repeat(40)}Žluťoučký 天文`

for (const layout of LAYOUTS)
  for (const [description, odd] of Object.entries<Omit<TarOptions, 'layout'>>({
    'plain members': {},
    'members in a folder': { folder: 'ztf_public_20191224', directory: true },
    'long names in pax headers': { folder: LONG_FOLDER, names: 'pax' },
    'long names in GNU headers': { folder: LONG_FOLDER, names: 'gnu' },
    'zero blocks in the middle': { zerosBefore: [1, 4] },
  }))
    test(`reads the same members of a ${layout} tar from chunks of any size: ${description}`, () => {
      const members = someMembers()
      const { bytes } = packTar(members, { layout, ...odd })
      const expected = members.map(member => sized({ ...member, name: join(odd.folder ?? '', member.name) }))
      for (const size of CHUNK_SIZES) {
        assert.deepEqual(readTar(bytes, size).members, expected, `in chunks of ${size}`)
        assert.deepEqual(readTar(bytes, size).end, completeEnd(members.length), `in chunks of ${size}`)
      }
    })

test('reads the same members from chunks of random sizes, including empty ones', () => {
  const members = someMembers()
  const { bytes } = packTar(members, { layout: 'gnu', names: 'pax' })
  const random = new Random(3)
  for (let round = 0; round < 50; round++) {
    const tar = new TarReader()
    const found: string[] = []
    for (let at = 0; at < bytes.length; ) {
      const size = random.chance(0.2) ? 0 : random.int(1, 2000)
      for (const { bytes: chunk, start, size: length } of tar.push(bytes.subarray(at, at + size)))
        found.push(chunk.toString('latin1', start, start + length))
      at += size
    }
    assert.deepEqual(
      found,
      members.map(member => Buffer.from(member.bytes).toString('latin1')),
    )
    assert.deepEqual(tar.end(), completeEnd(members.length))
  }
})

test('joins a name that POSIX splits into prefix and name', () => {
  const { bytes } = packTar([{ name: 'a.avro', bytes: Buffer.from('x') }], { layout: 'ustar' })
  assert.deepEqual(namesOf(readTar(withHeader(bytes, 0, header => header.write('some/folder', 345)))), [
    'some/folder/a.avro',
  ])
})

test('ignores the times that GNU tar stores in place of the prefix', () => {
  const { bytes } = packTar([{ name: 'a.avro', bytes: Buffer.from('x') }], { layout: 'gnu' })
  assert.deepEqual(namesOf(readTar(withHeader(bytes, 0, header => header.write('13500000000', 345)))), ['a.avro'])
})

test('escapes control characters in a name', () => {
  const entry = { type: '0', name: '../a\n\u001b[31mb\u009b\u202ec', body: Buffer.from('x') }
  assert.deepEqual(namesOf(readTar(rawTar([entry]))), ['../a\\u{a}\\u{1b}[31mb\\u{9b}\\u{202e}c'])
})

test('ignores the stated size of a link, device or folder', () => {
  const members = someMembers().slice(0, 2)
  const [first, second] = members.map(member => packTar([member], { layout: 'gnu', end: false }).bytes)
  for (const type of ['1', '2', '3', '4', '5', '6']) {
    const odd = packTar([{ name: 'odd', bytes: Buffer.alloc(0) }], { layout: 'gnu', end: false }).bytes
    const stated = withHeader(odd, 0, header => header.write(`00000001000\0`, 124) && header.write(type, 156))
    const { end } = readTar(Buffer.concat([first, stated, second, Buffer.alloc(1024)] as Buffer[]), 100)
    assert.deepEqual(end, completeEnd(2), type)
  }
})

test('reports a member over 16 MiB without buffering it, and reads the next one', () => {
  const large = { name: 'large.avro', bytes: Buffer.alloc((16 << 20) + 1, 1) }
  const small = { name: 'small.avro', bytes: Buffer.from('abc') }
  for (const size of [4096, 1 << 20, 1 << 30]) {
    const tar = new TarReader()
    const found: unknown[] = []
    for (const chunk of chunksOf(packTar([small, large, small], { layout: 'gnu' }).bytes, size))
      for (const { name, size, oversize } of tar.push(chunk)) found.push([name, size, oversize])
    assert.deepEqual(found, [
      ['small.avro', 3, false],
      ['large.avro', large.bytes.length, true],
      ['small.avro', 3, false],
    ])
    assert.deepEqual(tar.end(), completeEnd(3))
    const held = (tar as unknown as { pending: Buffer }).pending.length
    assert.ok(held < 1 << 20, `${held} bytes are held`)
  }
})

test('reads a member of exactly 16 MiB', () => {
  const member = { name: 'large.avro', bytes: Buffer.alloc(16 << 20, 1) }
  const { members, end } = readTar(packTar([member], { layout: 'gnu' }).bytes, 1 << 20)
  assert.ok(members[0]?.bytes?.equals(member.bytes))
  assert.deepEqual(end, completeEnd(1))
})

/** A member as readTar returns it. */
function sized({ name, bytes }: Member) {
  return { name, size: bytes.length, bytes }
}
