import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { convert, dataFolder } from '../support/data-folder.ts'
import { makeNight } from '../support/night.ts'
import { runScript } from '../support/run.ts'

test('make report of selected nights writes a page of its own, and none without a night', async t => {
  const paths = await dataFolder(t)
  await convert(paths, makeNight({ night: '20200107', alerts: 2 }))
  const report = (NIGHTS: string) => runScript('report', { DATA: paths.data, URIS: paths.data, NIGHTS })
  assert.deepEqual(await report('2030'), {
    status: 1,
    out: '',
    err: 'error: none of the selected nights is listed, on disk or in the lake: give other NIGHTS\n',
  })
  await report('2020')
  const pages = async () => (await readdir(paths.data)).filter(name => name.endsWith('.html')).sort()
  assert.deepEqual(await pages(), ['report_2020.html'])
  await report('')
  assert.deepEqual(await pages(), ['report.html', 'report_2020.html'])
})
