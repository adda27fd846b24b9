import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { SentChecksums } from '../../lib/publish/hdfs-checksum.ts'

/** Sizes of files that repeat a text, CRCs per block, and the MD5 in the checksum that Hadoop 3.4.1 returns. */
const KNOWN: [bytes: number, crcsPerBlock: number, md5: string][] = [
  [1, 0, '80d454bd7bdaab40741604aa4ce5474a'],
  [512, 0, 'e8fc029b6c6362681f067515c1d9d097'],
  [100_000, 0, 'e5d4a4fc5064a91f348c9d150ac4d75c'],
  // Two, four and ten blocks of 1 MiB.
  [(1 << 20) + 1, 2048, '89295cf5c3363c06e413bb47aa5d10ac'],
  [(3 << 20) + 7, 2048, '18ffe50163ad25800cce41c4246e1295'],
  [(9 << 20) + 100, 2048, 'b9ec6ac370ad7f04630d20c3f9a25948'],
]

for (const [bytes, crcsPerBlock, md5] of KNOWN)
  test(`computes the checksum of HDFS of ${bytes} bytes`, async () => {
    const checksum = (text: string) => ({
      algorithm: `MD5-of-${crcsPerBlock}MD5-of-512CRC32C`,
      bytes: `00000200${crcsPerBlock.toString(16).padStart(16, '0')}${text}00000000`,
    })
    const content = Buffer.alloc(bytes, 'alerts of ZTF')
    for (const cut of [0, 1000, bytes]) {
      const sent = new SentChecksums(bytes)
      const passed = await buffer(sent.through(Readable.from([content.subarray(0, cut), content.subarray(cut)])))
      assert.ok(passed.equals(content))
      assert.equal(sent.match(checksum(md5)), true, `cut at ${cut}`)
      assert.equal(sent.match(checksum(md5.replace(/^./, digit => (digit === '0' ? '1' : '0')))), false)
    }
  })

test('does not know checksums of other kinds', async () => {
  const sent = new SentChecksums(1)
  await buffer(sent.through(Readable.from([Buffer.from('a')])))
  for (const algorithm of ['COMPOSITE-CRC32C', 'MD5-of-0MD5-of-1024CRC32C', 'MD5-of-0MD5-of-512CRC32'])
    assert.equal(sent.match({ algorithm, bytes: '0'.repeat(64) }), false)
})
