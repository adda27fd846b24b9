import assert from 'node:assert/strict'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { truncated } from '../support/damage.ts'
import { tablesOf } from '../support/index-lake.ts'
import { bytesBelow, differing } from '../support/lake-bytes.ts'
import { makeNight } from '../support/night.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12 }),
  makeNight({ night: '20191003', alerts: 30, duplicates: [4] }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4 }),
  makeNight({ night: '20200101', alerts: 16, damage: { 3: truncated } }),
  makeNight({ night: '20250325', alerts: 21, cutTar: { member: 18, bytes: 900 } }),
]
const ANOTHER_DAY = `--import=${new URL('../support/another-day.mjs', import.meta.url).pathname}`

test('makes the same lake, tables and index of the same tarballs with any number of workers, in any order, at any time', async t => {
  const space = await Workspace.open(t, [])
  await space.put(...NIGHTS)
  const lakeOf = async (name: string, runs: readonly string[], env: Record<string, string> = {}) => {
    const data = join(space.folder, name)
    await mkdir(data)
    await cp(space.paths.tarballs, join(data, 'tarballs'), { recursive: true, preserveTimestamps: true })
    for (const args of runs) {
      const { status, err } = await space.make(`lake DATA=${data} ALERTS_PER_FILE=5 ${args}`, { env })
      assert.deepEqual([status, err], [0, ''])
    }
    return new Map([...(await bytesBelow(join(data, 'lake'))), ...(await tablesOf(new Paths(data)))])
  }
  const expected = await lakeOf('one-worker', ['WORKERS=1'])
  assert.equal([...expected.keys()].filter(name => name.startsWith('_manifest/')).length, NIGHTS.length)
  for (const file of ['_files.parquet', 'index/_inputs.json', 'index/objects/year=2018/month=07/objects.parquet'])
    assert.ok(expected.has(file), file)
  assert.equal([...expected.keys()].filter(name => name.startsWith('candidates/')).length, NIGHTS.length)
  const lastFirst = [2025, 2020, 2019, 2018].map(year => `WORKERS=1 NIGHTS=${year}`)
  const lakes = [
    await lakeOf('three-workers', ['WORKERS=3']),
    await lakeOf('last-night-first', lastFirst),
    await lakeOf('another-day-and-zone', ['WORKERS=2'], { NODE_OPTIONS: ANOTHER_DAY, TZ: 'Pacific/Chatham' }),
  ]
  for (const lake of lakes) assert.deepEqual(differing(lake, expected), [])
})
