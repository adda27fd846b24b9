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

test('make look needs either an object or an alert', async () => {
  for (const settings of [{}, { OBJECT: 'ZTF18aaaaaaa', CANDID: '516401800615015114' }]) {
    const { status, err } = await runScript('look', settings)
    assert.deepEqual([status, err], [1, 'error: give either OBJECT=ZTF18aaxcyzb or CANDID=516401800615015114\n'])
  }
})
