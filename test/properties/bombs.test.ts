import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { createGzip } from 'node:zlib'
import { assertMessage } from '../support/message.ts'
import { run } from '../support/run.ts'
import { BOMBS } from './bombs.ts'
import { TORTURE } from './cases.ts'
import { Sandbox } from './sandbox.ts'

const NIGHT = 'ztf_public_20200101.tar.gz'
const CHILD = join(import.meta.dirname, '../support/convert-child.ts')
/** Upper bound for the memory of a conversion: docs/design.md, "Limits on input". */
const MAX_MEGABYTES = 1500

for (const [description, { tar, expected, slow = false }] of Object.entries(BOMBS))
  test(`converts a small but expensive tarball in bounded memory: ${description}`, {
    skip: slow && !TORTURE && 'only in make torture',
  }, async t => {
    const { paths } = await Sandbox.open(t)
    await pipeline(Readable.from(tar()), createGzip({ level: 1 }), createWriteStream(join(paths.tarballs, NIGHT)))
    const flags = ['--max-old-space-size=256', '--import', 'tsx']
    const { status, out, err } = await run(process.execPath, [...flags, CHILD, paths.data, NIGHT])
    assert.equal(status, 0, err)
    const { megabytes, error, ...found } = JSON.parse(out)
    t.diagnostic(`${megabytes} MB`)
    assert.ok(megabytes < MAX_MEGABYTES, `${megabytes} MB`)
    if (expected instanceof RegExp) assert.match(error, expected)
    else assert.deepEqual({ ...found, ...expected }, found, error)
    if (error) assertMessage(error)
  })
