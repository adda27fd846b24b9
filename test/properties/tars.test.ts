import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TarEnd, TarReader } from '../../lib/alerts/tar.ts'
import { rawTar } from '../support/raw-tar.ts'
import { applyEdits, edits } from './bytes.ts'
import { fc, forAll } from './cases.ts'
import { lying, truthful } from './tars.ts'

test('finds every regular file of any tar with correct sizes', async t => {
  await forAll(t, 0.1, fc.array(truthful, { maxLength: 12 }), entries => {
    const regular = entries.filter(({ type }) => '0\u00007'.includes(type))
    const { members, end } = read(rawTar(entries), 1 << 20)
    assert.deepEqual(
      members.map(({ bytes }) => bytes),
      regular.map(({ body }) => body.toString('latin1')),
    )
    assert.equal(end.cut, undefined)
    const unknown = entries.some(({ type }) => 'SMDXA~\u00ff'.includes(type))
    assert.equal(end.damagedBytes > 0, unknown)
  })
})

test('reads any tar to its end, with the same result for chunks of any size', async t => {
  const tars = fc
    .tuple(fc.array(fc.oneof(truthful, lying), { maxLength: 8 }), fc.option(edits))
    .map(([entries, changes]) => applyEdits(rawTar(entries), changes ?? []))
  await forAll(t, 0.15, fc.tuple(tars, fc.integer({ min: 1, max: 3000 })), ([tar, chunkSize]) => {
    const inOneChunk = read(tar, 1 << 20)
    assert.deepEqual(read(tar, chunkSize), inOneChunk)
    for (const { name } of inOneChunk.members) assert.match(name, /^[^\p{C}\p{Zl}\p{Zp}]{0,1000}$/u)
    assert.ok(inOneChunk.end.damagedBytes <= Number.MAX_SAFE_INTEGER)
  })
})

function read(tar: Buffer, chunkSize: number): { members: { name: string; bytes: string }[]; end: TarEnd } {
  const reader = new TarReader()
  const members = []
  for (let at = 0; at < tar.length; at += chunkSize)
    for (const { name, bytes, start, size, oversize } of reader.push(tar.subarray(at, at + chunkSize)))
      members.push({ name, bytes: oversize ? `${size} bytes` : bytes.toString('latin1', start, start + size) })
  return { members, end: reader.end() }
}
