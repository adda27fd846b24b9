import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TarReader } from '../../lib/alerts/tar.ts'
import type { Member } from '../../lib/synthetic/tar.ts'
import { rawTar } from '../support/raw-tar.ts'
import { packTar } from '../support/tar.ts'
import {
  BLOCK,
  CHUNK_SIZES,
  completeEnd,
  LAYOUTS,
  namesOf,
  readTar,
  someMembers,
  withHeader,
} from '../support/tar-members.ts'

test('reports a tar without both zero blocks of its end marker as incomplete', () => {
  const members = someMembers()
  const { bytes } = packTar(members, { layout: 'ustar', end: false })
  for (const zeros of [0, BLOCK])
    assert.deepEqual(readTar(Buffer.concat([bytes, Buffer.alloc(zeros)])).end, { ...completeEnd(7), complete: false })
  assert.deepEqual(readTar(Buffer.concat([bytes, Buffer.alloc(2 * BLOCK)])).end, completeEnd(7))
})

test('reports a tar with members after its end marker as incomplete', () => {
  const [first, second] = [packTar(someMembers(), { layout: 'gnu' }).bytes, someMembers()]
  const open = packTar(second, { layout: 'gnu', end: false }).bytes
  assert.deepEqual(readTar(Buffer.concat([first, open])).end, { ...completeEnd(14), complete: false })
})

test('names the member that a cut is in, and reads those before', () => {
  const members = someMembers()
  const { bytes, offsets, ends } = packTar(members, { layout: 'gnu', folder: 'in' })
  let cuts = 0
  for (const [i, member] of members.entries()) {
    const [body, end] = [(offsets[i] as number) + BLOCK, ends[i] as number]
    for (const cut of new Set([body, body + 1, end - 1].filter(at => at >= body && at < end))) {
      const { members: found, end } = readTar(bytes.subarray(0, cut), 513)
      assert.equal(found.length, i)
      assert.deepEqual(end, { members: i, complete: false, cut: `in/${member.name}`, damagedBytes: 0 })
      cuts++
    }
  }
  assert.equal(cuts, 16)
})

test('reports a cut inside a header', () => {
  const { bytes, offsets } = packTar(someMembers(), { layout: 'ustar' })
  const { end } = readTar(bytes.subarray(0, (offsets[2] as number) + 100))
  assert.deepEqual(end, { members: 2, complete: false, cut: 'a header', damagedBytes: 0 })
})

for (const layout of LAYOUTS)
  for (const tarNames of ['plain', 'pax', 'gnu'] as const)
    test(`reads the members after a damaged header: ${layout}, ${tarNames} names`, () => {
      const members = someMembers()
      const { bytes, offsets } = packTar(members, { layout, names: tarNames, folder: 'in' })
      const damaged = Buffer.from(bytes)
      damaged[(offsets[5] as number) + 3] = 0xee
      for (const size of CHUNK_SIZES) {
        const { members: found, end } = readTar(damaged, size)
        const kept = members.filter((_, i) => i !== 5)
        assert.deepEqual(
          found.map(({ name, bytes }) => ({ name, bytes })),
          kept.map(({ name, bytes }) => ({ name: `in/${name}`, bytes })),
        )
        const passed = BLOCK + Math.ceil((members[5] as Member).bytes.length / BLOCK) * BLOCK
        assert.deepEqual(end, { ...completeEnd(6), damagedBytes: passed })
      }
    })

for (const [description, size] of Object.entries({
  'is negative': '-0000000005\0',
  'is negative in base 256': '\u00ff'.repeat(12),
  'is beyond 2^53': `\u0080\u0000\u0000\u0000\u0000${'\u00ff'.repeat(7)}`,
  'is no octal number': '0000000012a\0',
}))
  test(`counts a header whose size ${description} as damage, and reads the next member`, () => {
    const { bytes, offsets } = packTar(someMembers(), { layout: 'ustar' })
    const end = readTar(withHeader(bytes, offsets[0] as number, header => header.write(size, 124, 'latin1')))
    assert.equal(end.members[0]?.name, '1.avro')
    assert.ok(end.end.damagedBytes >= BLOCK)
  })

test('counts an unknown type of entry as damage', () => {
  const sparse = { type: 'S', name: 'a.avro', body: Buffer.alloc(700) }
  assert.deepEqual(readTar(rawTar([sparse])).end, {
    members: 0,
    complete: true,
    cut: undefined,
    damagedBytes: BLOCK + 700,
  })
})

test('drops a long name if the header of its member is damaged', () => {
  const [first, second] = ['first.avro', 'second.avro'].map(name => ({ name, bytes: Buffer.from(name) }))
  const one = packTar([first as Member], { layout: 'gnu', names: 'gnu', end: false })
  const damaged = Buffer.from(one.bytes)
  damaged[one.offsets[0] as number] = 0xee
  const two = packTar([second as Member], { layout: 'gnu' })
  assert.deepEqual(namesOf(readTar(Buffer.concat([damaged, two.bytes]))), ['second.avro'])
})

test('reports an empty file as incomplete, and bare zero blocks as complete', () => {
  assert.deepEqual(new TarReader().end(), { ...completeEnd(0), complete: false })
  assert.deepEqual(readTar(Buffer.alloc(1024)).end, completeEnd(0))
})
