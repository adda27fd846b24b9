import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertMessage } from '../support/message.ts'
import { makeAt, PLACES, type Place } from '../support/place.ts'
import { addNights, assertPublished, lakeToPublish, publishable, REVISIONS } from '../support/published.ts'

for (const [name, start] of Object.entries(PLACES)) {
  test(`make publish copies the lake to ${name}, and has nothing to do in a second run`, async t => {
    const paths = await lakeToPublish(t)
    const place = await start(t)
    const first = await makeAt(place, paths.data, ['publish', '-j3'])
    assert.equal(first.status, 0, first.out + first.err)
    assert.match(first.out, /^5 nights published: /m)
    for (const reader of ['Spark', 'DuckDB', 'pyarrow', 'Polars'])
      assert.equal(first.out.split('\n').filter(line => line.startsWith(`${reader} `)).length, 1, first.out)
    await assertPublished(place, await publishable(paths))

    const second = await makeAt(place, paths.data, ['publish', '-j3'])
    assert.equal(second.status, 0, second.err)
    assert.match(second.out, new RegExp(`^nothing to publish: 5 nights at ${place.address}$`, 'm'))
    await assertIntact(place, paths.data)
  })

  test(`make check AT= finds damaged, missing and other files at ${name}, and the next publication replaces them`, async t => {
    const paths = await lakeToPublish(t)
    const place = await start(t)
    assert.equal((await makeAt(place, paths.data, ['publish', '-j3'])).status, 0)
    const names = [...(await publishable(paths)).keys()]
    const damaged = [
      names.find(path => path.startsWith('lake/year=')),
      names.find(path => path.startsWith('candidates/')),
      names.find(path => path.startsWith('index/positions/')),
      'lake/_files.parquet',
      'lake/_manifest/ztf_public_20210401.json',
    ].map(path => path ?? assert.fail())
    for (const path of damaged) await place.corrupt(path)
    const [missing = assert.fail()] = names.filter(path => path.includes('_programid3-'))
    await place.remove(missing)
    await place.write('candidates/year=2019/month=10/day=03/other.parquet', Buffer.from('PAR1'))

    const quick = await makeAt(place, paths.data, ['check', 'QUICK=1'])
    assert.notEqual(quick.status, 0)
    assert.deepEqual(marked(quick.out, 'FAILED'), [missing, 'lake/_manifest/ztf_public_20210401.json'].sort())
    const check = await makeAt(place, paths.data, ['check'])
    assert.notEqual(check.status, 0)
    assert.deepEqual(marked(check.out, 'FAILED'), [...damaged, missing].sort(), check.out)
    assert.deepEqual(marked(check.out, 'ORPHAN'), ['candidates/year=2019/month=10/day=03/other.parquet'])
    assertMessage(check.err.split('\n')[0] ?? '')

    const publish = await makeAt(place, paths.data, ['publish', '-j3'])
    assert.equal(publish.status, 0, publish.out + publish.err)
    await place.remove('candidates/year=2019/month=10/day=03/other.parquet')
    await place.corrupt('index/_inputs.json')
    const record = await makeAt(place, paths.data, ['check', 'QUICK=1'])
    assert.deepEqual([marked(record.out, 'FAILED'), marked(record.out, 'ORPHAN')], [['index/_inputs.json'], []])
    assert.equal((await makeAt(place, paths.data, ['publish'])).status, 0)
    await assertPublished(place, await publishable(paths))
    await assertIntact(place, paths.data)
  })

  test(`make publish replaces nights at ${name} that were published again`, async t => {
    const paths = await lakeToPublish(t)
    const place = await start(t)
    assert.equal((await makeAt(place, paths.data, ['publish', '-j3'])).status, 0)
    await addNights(paths, REVISIONS)
    const before = await makeAt(place, paths.data, ['check'])
    assert.notEqual(before.status, 0)
    assert.match(before.out, /^missing +ztf_public_20210401 /m)
    const again = await makeAt(place, paths.data, ['publish', '-j3'])
    assert.equal(again.status, 0, again.out + again.err)
    assert.match(again.out, /^2 nights published: /m)
    await assertPublished(place, await publishable(paths))
    await assertIntact(place, paths.data)
  })
}

async function assertIntact(place: Place, data: string): Promise<void> {
  const { status, out, err } = await makeAt(place, data, ['check'])
  assert.equal(status, 0, out + err)
  assert.match(out, /: all intact$/m)
}

/** Sorted paths in the lines that begin with a word. */
function marked(out: string, word: string): string[] {
  return [...out.matchAll(new RegExp(`^${word} +(\\S+)`, 'gm'))].map(([, path = '']) => path).sort()
}
