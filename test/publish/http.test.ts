import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { readAnswer, send } from '../../lib/publish/http.ts'
import { listen } from '../../lib/synthetic/server.ts'

const SERVER = { name: 'the server', hint: '' }
const BYTES = 64 << 20

test('reads all of a refusal that begins before the body has been sent', async t => {
  let finish = () => {}
  const server = await listen((_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(403).write('no ')
    finish = () => response.end('access')
  })
  t.after(server.close)
  const body = Readable.from(zeros(), { objectMode: false })
  const answer = await send(server.url, { method: 'PUT', headers: { 'content-length': BYTES }, body }, SERVER)
  setImmediate(finish)
  assert.deepEqual([answer.statusCode, await readAnswer(answer, SERVER)], [403, 'no access'])
  await new Promise(resolve => (body.destroyed ? resolve(undefined) : body.once('close', resolve)))
})

async function* zeros(): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < BYTES; sent += 1 << 20) yield Buffer.alloc(1 << 20)
}
