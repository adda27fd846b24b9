import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { decode } from 'fast-png'
import { SUPERNOVA } from '../../lib/synthetic/supernova.ts'
import { runScript } from '../support/run.ts'
import { NEWEST, supernovaLake } from '../support/supernova-lake.ts'

test('make look writes the page, and with PNG=1 the image too', async t => {
  const paths = await supernovaLake(t)
  const candid = String(NEWEST.candid)
  const { status, out, err } = await runScript('look', { DATA: paths.data, CANDID: candid, PNG: '1' })
  const path = join(paths.looks, candid)
  assert.deepEqual([status, err, out], [0, '', `${path}.html\n${path}.png\n`])
  assert.match(await readFile(`${path}.html`, 'utf8'), new RegExp(`<title>${SUPERNOVA.objectId}</title>`))
  assert.equal(decode(await readFile(`${path}.png`)).width, 2016)
})

test('make look of selected nights has a page of its own, which names them', async t => {
  const paths = await supernovaLake(t)
  const all = await runScript('look', { DATA: paths.data, OBJECT: SUPERNOVA.objectId })
  const before = await readFile(all.out.trim(), 'utf8')
  const { out } = await runScript('look', { DATA: paths.data, OBJECT: SUPERNOVA.objectId, NIGHTS: '202403, 2025' })
  assert.equal(out, `${join(paths.looks, `${SUPERNOVA.objectId}_202403,2025`)}.html\n`)
  assert.match(await readFile(out.trim(), 'utf8'), /selected by NIGHTS=202403, 2025/)
  assert.equal(await readFile(all.out.trim(), 'utf8'), before)
  assert.doesNotMatch(before, /selected by/)
})

test('the light curve that the page offers as CSV is that of make curve', async t => {
  const paths = await supernovaLake(t)
  const { out } = await runScript('look', { DATA: paths.data, OBJECT: SUPERNOVA.objectId })
  const page = await readFile(out.trim(), 'utf8')
  const [, csv = ''] = /href="data:text\/csv;charset=utf-8;base64,([^"]+)" download="ZTF24abcdefg.csv"/.exec(page) ?? []
  const curve = await runScript('curve', { DATA: paths.data, OBJECT: SUPERNOVA.objectId })
  assert.equal(Buffer.from(csv, 'base64').toString(), curve.out)
  const cells = [...page.matchAll(/<tr><td>[^<]*<\/td>(.*?)<\/tr>/g)].map(([, row = '']) => row.match(/<td>/g)?.length)
  assert.equal(cells.length, curve.out.trim().split('\n').length - 1)
})

test('make look draws one object', async () => {
  const { status, err } = await runScript('look', { OBJECT: 'ZTF18aaaaaaa,ZTF18aaaaaab' })
  assert.deepEqual([status, err], [1, 'error: make look draws one object: make curve writes several\n'])
})

test('make look needs either an object or an alert', async () => {
  for (const settings of [{}, { OBJECT: 'ZTF18aaaaaaa', CANDID: '516401800615015114' }]) {
    const { status, err } = await runScript('look', settings)
    assert.deepEqual([status, err], [1, 'error: give either OBJECT=ZTF18aaxcyzb or CANDID=516401800615015114\n'])
  }
})
