import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { supernovaNights } from '../../lib/synthetic/supernova.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { makeIndex } from '../support/index.ts'
import { ask } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { runPython } from '../support/python.ts'
import { realLake } from '../support/real-lake.ts'
import { runScript } from '../support/run.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

/** What test/python/light_curve.py prints. */
interface Comparison {
  readonly objects: number
  readonly kinds: Readonly<Record<string, number>>
  readonly differences: readonly string[]
  readonly pandas: Table
  readonly astropy: Table & { readonly units: object; readonly missing: Readonly<Record<string, number>> }
}

interface Table {
  readonly rows: number
  readonly types: object
  /** Sum of the candids of all detections. */
  readonly candids: string
}

test('make curve gives every synthetic object the light curve of its Avro packets', async t => {
  const paths = await dataFolder(t)
  // Nights with every schema version, values at the limits of their types, duplicates, and damage.
  const others = ['20180713', '20191003', '20240325', '20250325'].map(night =>
    makeNight({ night, alerts: 30, duplicates: [1, 7], damage: { 3: packet => packet.subarray(0, 900) } }),
  )
  for (const night of [
    ...supernovaNights(),
    ...others,
    makeNight({ night: '20191003', kind: 'programid3', alerts: 9 }),
  ])
    await convert(paths, night)
  const { kinds } = await compare(t, paths)
  assert.ok(Object.values(kinds).every(count => count > 300))
})

test('make curve gives every real object the light curve of its Avro packets', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  const { objects, kinds } = await compare(t, paths)
  assert.deepEqual([objects, kinds.forced], [1502, 442])
})

async function compare(t: TestContext, paths: Paths): Promise<Comparison> {
  await makeIndex(paths)
  const objects = await ask(paths, 'select distinct objectId from read_parquet(LAKE) order by hash(objectId)')
  const [list, csv, ecsv] = ['names', 'curves.csv', 'curves.ecsv'].map(name => join(paths.data, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(list, objects.map(({ objectId }) => `${objectId}\n`).join(''))
  for (const [FORMAT, OUT] of [
    ['csv', csv],
    ['ecsv', ecsv],
  ] as const) {
    const ran = await runScript('curve', { DATA: paths.data, LIST: list, FORMAT, OUT })
    assert.deepEqual(ran, { status: 0, out: '', err: '' })
  }
  const found = (await runPython('light_curve.py', paths.tarballs, csv, ecsv)) as Comparison

  await t.test('has the same rows, with the same value in every column', () => {
    assert.deepEqual([found.differences, found.objects], [[], objects.length])
    assert.deepEqual(Object.keys(found.kinds).sort(), ['detection', 'forced', 'limit'])
  })

  await t.test('pandas reads the CSV', () => {
    const { rows, types, candids } = found.pandas
    assert.deepEqual(
      [rows, types, candids],
      [rowsOf(found), { jd: 'float64', magpsf: 'float64', candid: 'Int64' }, found.astropy.candids],
    )
  })

  await t.test('astropy reads the ECSV with units and types', () => {
    const { rows, types, units, missing } = found.astropy
    assert.equal(rows, rowsOf(found))
    assert.deepEqual(types, {
      jd: 'f8',
      magpsf: 'f4',
      distnr: 'f4',
      forceddistnr: 'f4',
      forcediffimflux: 'f4',
      candid: 'i8',
    })
    const mags = { jd: 'd', magpsf: 'mag', distnr: 'pix', forceddistnr: 'arcsec', forcediffimflux: 'DN' }
    assert.deepEqual(units, mags)
    assert.equal(missing.candid, rowsOf(found) - (found.kinds.detection ?? 0))
    assert.deepEqual([missing.jd, missing.kind], [0, 0])
    assert.equal(missing.procstatus, rowsOf(found) - (found.kinds.forced ?? 0))
  })
  return found
}

function rowsOf({ kinds }: Comparison): number {
  return Object.values(kinds).reduce((sum, count) => sum + count, 0)
}
