import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { archiveFiles } from '../../lib/synthetic/archive-files.ts'
import { emptyNight, makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { startArchive } from '../../lib/synthetic/server.ts'
import { NO_ARCHIVE, SHARED } from '../support/shared.ts'

const OTHER_FILE = 'ztf_20200219_programid1.tar.tar'

test('serves files, whole and in ranges', async () => {
  await serving(async (archive, [first]) => {
    const get = (range?: string) => fetch(archive.url + first.name, range ? { headers: { range } } : {})
    const whole = await get()
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), first.bytes)
    assert.equal(whole.headers.get('accept-ranges'), 'bytes')
    assert.equal(whole.headers.get('last-modified'), 'Fri, 01 Jun 2018 07:22:00 GMT')
    const size = first.bytes.length
    for (const [range, start, end] of [
      ['bytes=10-19', 10, 20],
      [`bytes=${size - 5}-`, size - 5, size],
      ['bytes=-7', size - 7, size],
    ] as const) {
      const part = await get(range)
      assert.equal(part.status, 206)
      assert.equal(part.headers.get('content-range'), `bytes ${start}-${end - 1}/${size}`)
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), first.bytes.subarray(start, end))
    }
    const beyond = await get(`bytes=${size}-`)
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${size}`])
    assert.deepEqual(archive.requests[1], {
      method: 'GET',
      url: `/alerts/public/${first.name}`,
      range: 'bytes=10-19',
    })
    assert.equal((await fetch(`${archive.url}absent.tar.gz`)).status, 404)
  })
})

test('lists nights and other files in the index, in descending order', async () => {
  await serving(async (archive, nights) => {
    const page = await (await fetch(archive.url)).text()
    const cells = [...page.matchAll(/<td class="indexcolname"><a href="([^"]+)">.*?lastmod">(.*?)<.*?colsize">(.*?)</g)]
    assert.deepEqual(
      cells.map(([, href]) => href),
      ['/alerts/', 'ztf_public_20180710.tar.gz', nights[0].name, OTHER_FILE, 'VALIDATE', 'MD5SUMS'].toSorted(
        (a, b) => Number(b === '/alerts/') - Number(a === '/alerts/') || (a > b ? -1 : 1),
      ),
    )
    const stub = cells.find(([, href]) => href === 'ztf_public_20180710.tar.gz')
    assert.deepEqual(stub?.slice(2), ['2018-07-10 07:22  ', ' 44 '])
  })
})

test('formats an index row as the real page does', { skip: NO_ARCHIVE }, async () => {
  const row = (page: string) => /<tr[^>]*>(<td[^\n]*20180710.tar.gz[^\n]*)/.exec(page)?.[1]?.replace(/\d\d:\d\d/, '')
  const real = row(readFileSync(join(SHARED, 'listing/index.html'), 'utf8'))
  await serving(async archive => assert.equal(row(await (await fetch(archive.url)).text()), real))
})

test('puts the right line of a night last in MD5SUMS', async () => {
  await serving(async (archive, nights) => {
    const text = await (await fetch(`${archive.url}MD5SUMS`)).text()
    for (const { name, bytes } of nights) {
      const lines = text.split('\n').filter(line => line.endsWith(name))
      assert.equal(lines.at(-1)?.split(' ')[0], createHash('md5').update(bytes).digest('hex'))
    }
    assert.equal(text.match(/ {2}ztf_public_20180601/g)?.length, 1)
    assert.equal(text.match(/ {2}\/epyc\S+\/ztf_public_20180601/g)?.length, 1)
  })
})

test('misbehaves as told', async () => {
  await serving(async (archive, [{ name, bytes }]) => {
    archive.faults.set(name, { status: 503, times: 1 })
    assert.equal((await fetch(archive.url + name)).status, 503)
    assert.equal((await fetch(archive.url + name)).status, 200)
    archive.faults.set(name, { cutAfter: 100 })
    const cut = await fetch(archive.url + name)
    assert.equal(Number(cut.headers.get('content-length')), bytes.length)
    const got: Buffer[] = []
    await assert.rejects(async () => {
      for await (const chunk of cut.body as AsyncIterable<Uint8Array>) got.push(Buffer.from(chunk))
    })
    assert.deepEqual(Buffer.concat(got), bytes.subarray(0, 100))
  })
})

test('serves a folder, including files added later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'synthetic-'))
  const night = makeNight({ night: '20200601', alerts: 2 })
  const archive = await startArchive(folder)
  try {
    assert.equal((await fetch(archive.url + night.name)).status, 404)
    writeFileSync(join(folder, night.name), night.bytes)
    const part = await fetch(archive.url + night.name, { headers: { range: 'bytes=3-99' } })
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), night.bytes.subarray(3, 100))
    assert.match(await (await fetch(archive.url)).text(), new RegExp(night.name))
    const [file] = await archiveFiles(folder, new Map())
    assert.equal((await buffer(file?.open(3, 100) as Readable)).length, 97)
    assert.equal((await fetch(`${archive.url}%2e%2e%2fetc`)).status, 404)
  } finally {
    await archive.close()
    rmSync(folder, { recursive: true })
  }
})

test('aborts open requests on close', async () => {
  const archive = await startArchive(new Map())
  const received = new Promise<void>(resolve => {
    archive.faults.set('', { before: () => new Promise(() => resolve()) })
  })
  const pending = assert.rejects(fetch(archive.url))
  await received
  await archive.close()
  await pending
  await assert.rejects(fetch(archive.url))
})

async function serving(
  use: (archive: Awaited<ReturnType<typeof startArchive>>, nights: [SyntheticNight, SyntheticNight]) => Promise<void>,
): Promise<void> {
  const nights: [SyntheticNight, SyntheticNight] = [
    makeNight({ night: '20180601', alerts: 3, stamps: 'real' }),
    emptyNight('20180710', 'gzip'),
  ]
  const archive = await startArchive(new Map(nights.map(({ name, bytes }) => [name, bytes])))
  try {
    await use(archive, nights)
  } finally {
    await archive.close()
  }
}
