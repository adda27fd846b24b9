import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { constants, gunzipSync } from 'node:zlib'
import { inflateDirectly } from '../../lib/alerts/inflate-direct.js'
import { inflateWithStream } from '../../lib/alerts/inflate-stream.js'
import { temporaryFolder } from '../support/folder.ts'
import { inflated } from '../support/inflated.ts'
import { fc, forAll } from './cases.ts'
import { gzips, type Segment } from './gzips.ts'

test('inflates any sequence of members, zero padding and garbage up to any cut', async t => {
  const path = join(await temporaryFolder(t), 'file.tar.gz')
  await forAll(t, 0.3, fc.tuple(gzips, fc.double({ min: 0, max: 2, noNaN: true })), async ([segments, part]) => {
    const whole = Buffer.concat(segments.map(({ bytes }) => bytes))
    const size = Math.round(whole.length * Math.min(1, part))
    await writeFile(path, whole.subarray(0, size))
    const direct = await inflated(path, inflateDirectly)
    const stream = await inflated(path, inflateWithStream)
    const expected = expectedOf(segments, size)
    assert.ok(direct.bytes.equals(expected.bytes), `${direct.bytes.length} of ${expected.bytes.length} bytes`)
    assert.ok(stream.bytes.equals(expected.bytes), `${stream.bytes.length} of ${expected.bytes.length} bytes`)
    assert.equal(direct.code, expected.code)
    assert.deepEqual({ ...stream, bytes: 0 }, { ...direct, bytes: 0 })
    if (!direct.code) assert.equal(direct.read, size)
  })
})

/** Bytes and error code expected from the first `size` bytes of a file. */
function expectedOf(segments: readonly Segment[], size: number): { bytes: Buffer; code: string | undefined } {
  const inflated: Buffer[] = []
  let [left, code]: [number, string | undefined] = [size, size === 0 ? 'Z_BUF_ERROR' : undefined]
  for (const { kind, bytes } of segments) {
    if (left === 0 || code) break
    const kept = bytes.subarray(0, left)
    left -= kept.length
    if (kind === 'member') inflated.push(gunzipSync(kept, { finishFlush: constants.Z_SYNC_FLUSH }))
    if (kind === 'member' && kept.length < bytes.length) code = 'Z_BUF_ERROR'
    // zlib reads two bytes before it rejects a header.
    if (kind === 'garbage') code = kept.length > 1 || left > 0 ? 'Z_DATA_ERROR' : 'Z_BUF_ERROR'
  }
  return { bytes: Buffer.concat(inflated), code }
}
