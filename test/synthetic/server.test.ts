import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { emptyNight, makeNight, type Tarball } from '../../lib/synthetic/night.ts'
import { listen, startArchive } from '../../lib/synthetic/server.ts'
import { NO_ARCHIVE, SHARED } from '../support/shared.ts'

const NIGHT = makeNight({ night: '20180601', alerts: 3, stamps: 'real' })
const EMPTY = emptyNight('20180710')
const OTHER_FILE = 'ztf_20200219_programid1.tar.tar'

test('serves nights with the date of the next morning', async t => {
  const url = await serve(t)
  const response = await fetch(url + NIGHT.name)
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), NIGHT.bytes)
  const expected = { 'content-length': String(NIGHT.bytes.length), 'last-modified': 'Fri, 01 Jun 2018 07:22:00 GMT' }
  const head = await fetch(url + NIGHT.name, { method: 'HEAD' })
  for (const { headers } of [response, head])
    for (const [name, value] of Object.entries(expected)) assert.equal(headers.get(name), value)
})

test('serves nothing else', async t => {
  const url = await serve(t)
  for (const path of ['absent.tar.gz', '%2e%2e%2fetc', '../']) assert.equal((await fetch(url + path)).status, 404)
})

test('lists nights and other files in the index, in descending order', async t => {
  const page = await (await fetch(await serve(t))).text()
  const cells = [...page.matchAll(/<td class="indexcolname"><a href="([^"]+)">.*?lastmod">(.*?)<.*?colsize">(.*?)</g)]
  const names = [NIGHT.name, EMPTY.name, OTHER_FILE, 'VALIDATE', 'MD5SUMS'].sort().reverse()
  assert.deepEqual(
    cells.map(([, href]) => href),
    ['/alerts/', ...names],
  )
  const empty = cells.find(([, href]) => href === EMPTY.name)
  assert.deepEqual(empty?.slice(2), ['2018-07-10 07:22  ', ' 74 '])
})

test('formats an index row as the real page does', { skip: NO_ARCHIVE }, async t => {
  const row = (page: string) => /<tr[^>]*>(<td[^\n]*20180710.tar.gz[^\n]*)/.exec(page)?.[1]?.replace(/\d\d:\d\d/, '')
  const real = row(readFileSync(join(SHARED, 'listing/index.html'), 'utf8'))
  const url = await serve(t, [{ ...EMPTY, bytes: Buffer.alloc(44) }])
  assert.equal(row(await (await fetch(url)).text()), real)
})

test('puts the right line of a night last in MD5SUMS', async t => {
  const text = await (await fetch(`${await serve(t)}MD5SUMS`)).text()
  for (const { name, bytes } of [NIGHT, EMPTY]) {
    const lines = text.split('\n').filter(line => line.endsWith(name))
    assert.equal(lines.at(-1)?.split(' ')[0], createHash('md5').update(bytes).digest('hex'))
  }
  assert.equal(text.match(/ {2}ztf_public_20180601/g)?.length, 1)
  assert.equal(text.match(/ {2}\/epyc\S+\/ztf_public_20180601/g)?.length, 1)
})

test('aborts open requests on close', async () => {
  let received = () => {}
  const isReceived = new Promise<void>(resolve => {
    received = resolve
  })
  const { url, close } = await listen(() => received())
  const pending = assert.rejects(fetch(url))
  await isReceived
  await close()
  await pending
  await assert.rejects(fetch(url))
})

async function serve(t: TestContext, nights: Tarball[] = [NIGHT, EMPTY]): Promise<string> {
  const { url, close } = await startArchive(nights)
  t.after(close)
  return url
}
