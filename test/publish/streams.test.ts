import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { openSource, translateErrors } from '../../lib/publish/streams.ts'
import { brokenStream, contentOf, streamOf } from '../support/content.ts'

test('stops reading a file that is longer than expected', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 1000; i++) yield Buffer.from('more')
    throw new Error('all of it was read')
  }
  const source = openSource(
    'lake/a',
    contentOf('expected', () => Readable.from(endless())),
  )
  await assert.rejects(source.toArray(), { message: 'the local copy of lake/a has more than 8 bytes, expected 8' })
})

test('translates the errors of a stream', async () => {
  const stream = translateErrors(brokenStream('some bytes'), ({ message }) => new Error(`translated ${message}`))
  await assert.rejects(stream.toArray(), { message: 'translated EIO: i/o error, read' })
})

test('closes a stream that is destroyed before it was read', async () => {
  const source = streamOf('bytes')
  const stream = translateErrors(source, error => error)
  await new Promise(closed => stream.once('close', closed).destroy())
  assert.equal(source.destroyed, true)
})
