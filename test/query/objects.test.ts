import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../lib/synthetic/random.ts'
import type { Row } from '../support/lake-reader.ts'
import { openForTest, rowsOf } from '../support/query-lake.ts'
import { distance, objectsInCone, objectsOf, type SkyObject, skyLake } from '../support/sky-lake.ts'

const COLUMNS = `objectId, ra, "dec", alerts::int as alerts, first_night::varchar as first_night,
  last_night::varchar as last_night, g, r, i`

test('objects has the mean position and a summary of each object, also at the poles and near right ascension 0', async t => {
  const { paths, alerts } = await skyLake(t)
  const database = await openForTest(t, paths)
  const [objects, expected] = [await rowsOf(database, `select ${COLUMNS} from objects order by 1`), objectsOf(alerts)]
  assert.equal(objects.length, expected.length)
  for (const [i, object] of expected.entries()) assertObject(objects[i], object)
  const [{ objectId }] = expected as [SkyObject]
  assert.deepEqual(await rowsOf(database, `select ${COLUMNS} from objects where objectId = '${objectId}'`), [
    objects[0],
  ])
})

test('cone has the objects of a brute-force search, nearest first', async t => {
  const { paths, alerts } = await skyLake(t)
  const database = await openForTest(t, paths)
  const [objects, random] = [objectsOf(alerts), new Random(3)]
  let found = 0
  for (let i = 0; i < 60; i++) {
    const { ra, dec } = random.pick(objects)
    const radius = random.pick([0.5, 1, 2, 4, 8, 3600])
    const expected = objectsInCone(objects, { ra, dec, radius })
    const rows = await rowsOf(database, `select separation, ${COLUMNS} from cone(${ra}, ${dec}, ${radius})`)
    assert.deepEqual(
      rows.map(row => row.objectId),
      expected.map(({ objectId }) => objectId),
    )
    for (const [i, { separation, ...object }] of expected.entries()) {
      assertObject(rows[i], object)
      assert.ok(Math.abs((rows[i]?.separation as number) - separation) < 1e-3)
    }
    found += rows.length
  }
  assert.ok(found > 100, `${found} objects`)
})

test('objects and cone have the selected nights only', async t => {
  const { paths, alerts } = await skyLake(t)
  const database = await openForTest(t, paths, date => date.startsWith('2020'))
  const expected = objectsOf(alerts.filter(({ night }) => night.startsWith('2020')))
  assert.equal((await rowsOf(database, 'from objects')).length, expected.length)
  const { objectId, ra, dec, alerts: count } = expected[0] as SkyObject
  const [nearest] = await rowsOf(database, `select objectId, alerts::int as alerts from cone(${ra}, ${dec}, 1)`)
  assert.deepEqual(nearest, { objectId, alerts: count })
})

test('cone refuses a radius that is out of range', async t => {
  const database = await openForTest(t, (await skyLake(t)).paths)
  for (const radius of [-1, 3601, 1e6])
    await assert.rejects(rowsOf(database, `from cone(1, 2, ${radius})`), {
      message: /^Invalid Input Error: cone has [-\d.]+ arcsec: expected a radius from 0 to 3600$/,
    })
  assert.deepEqual(await rowsOf(database, 'from cone(null, 2, 3)'), [])
})

function assertObject(row: Row | undefined, object: SkyObject): void {
  const { ra, dec, ...rest } = object
  assert.ok(row)
  const { ra: foundRa, dec: foundDec, separation, ...found } = row
  assert.deepEqual(found, rest)
  assert.ok(distance({ ra, dec }, { ra: foundRa as number, dec: foundDec as number }) < 1e-4)
}
