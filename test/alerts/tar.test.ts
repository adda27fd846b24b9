import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TarEnd, TarReader } from '../../lib/alerts/tar.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { type Layout, type Member, packTar, type TarOptions } from '../../lib/synthetic/tar.ts'
import { tarOf } from '../properties/tars.ts'

const BLOCK = 512
const SIZES = [1, 7, 511, 512, 513, 4096, 1 << 20]
const LAYOUTS: Layout[] = ['gnu', 'ustar']
const LONG_FOLDER = `${'long/'.repeat(40)}Žluťoučký 天文`

interface Read {
  readonly members: { name: string; size: number; bytes: Buffer | undefined }[]
  readonly end: TarEnd
}

for (const layout of LAYOUTS)
  for (const [what, odd] of Object.entries<Omit<TarOptions, 'layout'>>({
    'plain members': {},
    'members in a folder': { folder: 'ztf_public_20191224', directory: true },
    'long names in pax headers': { folder: LONG_FOLDER, names: 'pax' },
    'long names in GNU headers': { folder: LONG_FOLDER, names: 'gnu' },
    'zero blocks in the middle': { zerosBefore: [1, 4] },
  }))
    test(`however it is chunked, a ${layout} tar gives the same members: ${what}`, () => {
      const members = someMembers()
      const { bytes } = packTar(members, { layout, ...odd })
      const expected = members.map(member => ({
        name: odd.folder ? `${odd.folder}/${member.name}` : member.name,
        size: member.bytes.length,
        bytes: member.bytes,
      }))
      let sizes = 0
      for (const size of SIZES) {
        assert.deepEqual(read(bytes, size).members, expected, `in chunks of ${size}`)
        assert.deepEqual(read(bytes, size).end, whole(members.length), `in chunks of ${size}`)
        sizes++
      }
      assert.equal(sizes, 7)
    })

test('chunks of random sizes, empty ones among them, give the same members', () => {
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
    assert.deepEqual(tar.end(), whole(members.length))
  }
})

test('a name that POSIX splits into prefix and name is put together', () => {
  const { bytes } = packTar([{ name: 'a.avro', bytes: Buffer.from('x') }], { layout: 'ustar' })
  assert.deepEqual(names(read(edited(bytes, 0, header => header.write('some/folder', 345)))), ['some/folder/a.avro'])
})

test('what GNU tar keeps in the place of the prefix is no part of a name', () => {
  const { bytes } = packTar([{ name: 'a.avro', bytes: Buffer.from('x') }], { layout: 'gnu' })
  assert.deepEqual(names(read(edited(bytes, 0, header => header.write('13500000000', 345)))), ['a.avro'])
})

test('a size in base 256 is read', () => {
  const members = someMembers()
  const { bytes, offsets } = packTar(members, { layout: 'gnu' })
  const edits = offsets.map((offset, i) => [offset, members[i]?.bytes.length ?? 0] as const)
  const changed = edits.reduce((tar, [offset, size]) => edited(tar, offset, header => base256(header, size)), bytes)
  assert.ok(!changed.equals(bytes))
  assert.deepEqual(contents(read(changed, 513)), contents(read(bytes)))
})

test('a size in a pax header counts, not that of the header it precedes', () => {
  const { bytes, offsets } = packTar([{ name: 'a.avro', bytes: Buffer.from('abc') }], { layout: 'gnu', names: 'pax' })
  const pax = Buffer.from(bytes)
  const record = '25 path=another.avro\n9 size=3\n'
  pax.fill(0, BLOCK, 2 * BLOCK).write(record.replace('25', '21'), BLOCK)
  const sized = edited(pax, 0, header => header.write(`${record.length.toString(8).padStart(11, '0')}\0`, 124))
  const odd = edited(sized, offsets[0] as number, header => header.write('00000000001\0', 124))
  assert.deepEqual(read(odd).members, [{ name: 'another.avro', size: 3, bytes: Buffer.from('abc') }])
})

test('without the blocks that end it a tar is not complete, with one of them neither', () => {
  const members = someMembers()
  const { bytes } = packTar(members, { layout: 'ustar', end: false })
  for (const zeros of [0, BLOCK])
    assert.deepEqual(read(Buffer.concat([bytes, Buffer.alloc(zeros)])).end, { ...whole(7), complete: false })
  assert.deepEqual(read(Buffer.concat([bytes, Buffer.alloc(2 * BLOCK)])).end, whole(7))
})

test('members after the end blocks make the tar incomplete until it ends again', () => {
  const [first, second] = [packTar(someMembers(), { layout: 'gnu' }).bytes, someMembers()]
  const open = packTar(second, { layout: 'gnu', end: false }).bytes
  assert.deepEqual(read(Buffer.concat([first, open])).end, { ...whole(14), complete: false })
})

test('a tar cut inside a member names it and gives the ones before, wherever the cut is', () => {
  const members = someMembers()
  const { bytes, offsets, ends } = packTar(members, { layout: 'gnu', folder: 'in' })
  let cuts = 0
  for (const [i, member] of members.entries()) {
    const [body, end] = [(offsets[i] as number) + BLOCK, ends[i] as number]
    for (const cut of new Set([body, body + 1, end - 1].filter(at => at >= body && at < end))) {
      const { members: found, end } = read(bytes.subarray(0, cut), 513)
      assert.equal(found.length, i)
      assert.deepEqual(end, { members: i, complete: false, cut: `in/${member.name}`, damagedBytes: 0 })
      cuts++
    }
  }
  assert.equal(cuts, 16)
})

test('a tar cut inside a header says so', () => {
  const { bytes, offsets } = packTar(someMembers(), { layout: 'ustar' })
  const { end } = read(bytes.subarray(0, (offsets[2] as number) + 100))
  assert.deepEqual(end, { members: 2, complete: false, cut: 'a header', damagedBytes: 0 })
})

for (const layout of LAYOUTS)
  for (const tarNames of ['plain', 'pax', 'gnu'] as const)
    test(`after a damaged header the following members survive: ${layout}, ${tarNames} names`, () => {
      const members = someMembers()
      const { bytes, offsets } = packTar(members, { layout, names: tarNames, folder: 'in' })
      const damaged = Buffer.from(bytes)
      damaged[(offsets[5] as number) + 3] = 0xee
      for (const size of SIZES) {
        const { members: found, end } = read(damaged, size)
        const kept = members.filter((_, i) => i !== 5)
        assert.deepEqual(
          found.map(({ name, bytes }) => ({ name, bytes })),
          kept.map(({ name, bytes }) => ({ name: `in/${name}`, bytes })),
        )
        const passed = BLOCK + Math.ceil((members[5] as Member).bytes.length / BLOCK) * BLOCK
        assert.deepEqual(end, { ...whole(6), damagedBytes: passed })
      }
    })

test('a header whose size is no number is damaged, whatever its checksum says', () => {
  const { bytes, offsets } = packTar(someMembers(), { layout: 'gnu' })
  const { members, end } = read(
    edited(bytes, offsets[2] as number, header => header.write('zzz\0', 124)),
    513,
  )
  assert.deepEqual([members.length, end.complete], [6, true])
  assert.ok(end.damagedBytes >= BLOCK)
})

for (const [what, size] of Object.entries({
  'is negative': '-0000000005\0',
  'is negative in base 256': '\u00ff'.repeat(12),
  'is beyond 2^53': `\u0080\u0000\u0000\u0000\u0000${'\u00ff'.repeat(7)}`,
  'is no octal number': '0000000012a\0',
}))
  test(`a header whose size ${what} is damaged, and the member after it is given`, () => {
    const { bytes, offsets } = packTar(someMembers(), { layout: 'ustar' })
    const end = read(edited(bytes, offsets[0] as number, header => header.write(size, 124, 'latin1')))
    assert.equal(end.members[0]?.name, '1.avro')
    assert.ok(end.end.damagedBytes >= BLOCK)
  })

test('a size without end in a pax header damages the header that it is for', () => {
  const record = `${'9'.repeat(400)}\n`
  const pax = { type: 'x', name: 'pax', body: Buffer.from(`409 size=${record}`) }
  const members = ['a', 'b'].map(name => ({ type: '0', name, body: Buffer.from(name) }))
  const { members: found, end } = read(tarOf([pax, ...members]))
  assert.deepEqual(
    found.map(({ name }) => name),
    ['b'],
  )
  // The header, and the body that is then taken for one.
  assert.deepEqual(end, { members: 1, complete: true, cut: undefined, damagedBytes: 2 * BLOCK })
})

test('a kind of entry that may hide an alert is told of as damage', () => {
  const sparse = { type: 'S', name: 'a.avro', body: Buffer.alloc(700) }
  assert.deepEqual(read(tarOf([sparse])).end, { members: 0, complete: true, cut: undefined, damagedBytes: BLOCK + 700 })
})

test('a name of controls and escapes is given as one line that can be shown', () => {
  const entry = { type: '0', name: '../a\n\u001b[31mb\u009b\u202ec', body: Buffer.from('x') }
  assert.deepEqual(names(read(tarOf([entry]))), ['../a\\u{a}\\u{1b}[31mb\\u{9b}\\u{202e}c'])
})

test('a name stated for a member whose header is damaged is not given to the next one', () => {
  const [first, second] = ['first.avro', 'second.avro'].map(name => ({ name, bytes: Buffer.from(name) }))
  const one = packTar([first as Member], { layout: 'gnu', names: 'gnu', end: false })
  const damaged = Buffer.from(one.bytes)
  damaged[one.offsets[0] as number] = 0xee
  const two = packTar([second as Member], { layout: 'gnu' })
  assert.deepEqual(names(read(Buffer.concat([damaged, two.bytes]))), ['second.avro'])
})

test('links, devices, folders and global headers are passed over', () => {
  const members = someMembers().slice(0, 2)
  const [first, second] = members.map(member => packTar([member], { layout: 'gnu', end: false }).bytes)
  const types = ['1', '2', '3', '4', '5', '6', 'g', 'K']
  for (const type of types) {
    const own = 'gK'.includes(type) ? Buffer.from('19 comment=nothing\n') : Buffer.alloc(0)
    const odd = packTar([{ name: 'odd', bytes: own }], { layout: 'gnu', end: false }).bytes
    const typed = edited(odd, 0, header => header.write(type, 156))
    const { members: found, end } = read(Buffer.concat([first, typed, second, Buffer.alloc(1024)] as Buffer[]), 100)
    assert.deepEqual(
      found.map(({ name }) => name),
      names({ members, end } as Read),
      type,
    )
    assert.deepEqual(end, whole(2), type)
  }
})

test('a link, device or folder has no body, whatever size it states', () => {
  const members = someMembers().slice(0, 2)
  const [first, second] = members.map(member => packTar([member], { layout: 'gnu', end: false }).bytes)
  for (const type of ['1', '2', '3', '4', '5', '6']) {
    const odd = packTar([{ name: 'odd', bytes: Buffer.alloc(0) }], { layout: 'gnu', end: false }).bytes
    const sized = edited(odd, 0, header => header.write(`00000001000\0`, 124) && header.write(type, 156))
    const { end } = read(Buffer.concat([first, sized, second, Buffer.alloc(1024)] as Buffer[]), 100)
    assert.deepEqual(end, whole(2), type)
  }
})

test('old types of a regular file are members', () => {
  for (const type of ['\0', '7']) {
    const { bytes } = packTar([{ name: 'a.avro', bytes: Buffer.from('abc') }], { layout: 'gnu' })
    assert.deepEqual(names(read(edited(bytes, 0, header => header.write(type, 156, 'latin1')))), ['a.avro'])
  }
})

test('a member over 16 MiB is told of, not held, and the next one follows', () => {
  const large = { name: 'large.avro', bytes: Buffer.alloc((16 << 20) + 1, 1) }
  const small = { name: 'small.avro', bytes: Buffer.from('abc') }
  for (const size of [4096, 1 << 20, 1 << 30]) {
    const tar = new TarReader()
    const found: unknown[] = []
    for (const chunk of chunks(packTar([small, large, small], { layout: 'gnu' }).bytes, size))
      for (const { name, size, oversize, bytes } of tar.push(chunk))
        found.push([name, size, oversize, oversize && bytes.length > size])
    assert.deepEqual(
      found.map(row => (row as unknown[]).slice(0, 3)),
      [
        ['small.avro', 3, false],
        ['large.avro', large.bytes.length, true],
        ['small.avro', 3, false],
      ],
    )
    assert.deepEqual(tar.end(), whole(3))
    const held = (tar as unknown as { pending: Buffer }).pending.length
    assert.ok(held < 1 << 20, `${held} bytes are held`)
  }
})

test('a member of just 16 MiB is held', () => {
  const member = { name: 'large.avro', bytes: Buffer.alloc(16 << 20, 1) }
  const { members, end } = read(packTar([member], { layout: 'gnu' }).bytes, 1 << 20)
  assert.ok(members[0]?.bytes?.equals(member.bytes))
  assert.deepEqual(end, whole(1))
})

test('nothing at all is no member, no cut and no end', () => {
  assert.deepEqual(new TarReader().end(), { ...whole(0), complete: false })
  assert.deepEqual(read(Buffer.alloc(1024)).end, whole(0))
})

/** Members of every relation to the block: none, less, just one, more, many; each of bytes of its own. */
function someMembers(): Member[] {
  const random = new Random(1)
  return [0, 1, 511, 512, 513, 2000, 5120].map((size, i) => ({ name: `${i}.avro`, bytes: random.bytes(size) }))
}

function whole(members: number): TarEnd {
  return { members, complete: true, cut: undefined, damagedBytes: 0 }
}

function read(bytes: Buffer, size = bytes.length): Read {
  const tar = new TarReader()
  const members: Read['members'] = []
  for (const chunk of chunks(bytes, size))
    for (const { name, size, bytes, start, oversize } of tar.push(chunk))
      members.push({ name, size, bytes: oversize ? undefined : Buffer.from(bytes.subarray(start, start + size)) })
  return { members, end: tar.end() }
}

function* chunks(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function names({ members }: Read): string[] {
  return members.map(({ name }) => name)
}

function contents({ members }: Read): (Buffer | undefined)[] {
  return members.map(({ bytes }) => bytes)
}

/** A copy in which the header at `offset` is changed, and its checksum made right again. */
function edited(bytes: Buffer, offset: number, edit: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes)
  const header = copy.subarray(offset, offset + BLOCK)
  edit(header)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return copy
}

function base256(header: Buffer, size: number): void {
  header.fill(0, 124, 136)
  header[124] = 0x80
  header.writeUInt32BE(size, 132)
}
