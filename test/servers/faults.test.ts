import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { ProxiedRequest } from '../support/faulty-proxy.ts'
import { stemsIn } from '../support/output.ts'
import { type Address, makeAt, PLACES, type Place } from '../support/place.ts'
import {
  addNights,
  assertPublished,
  assertWholeNights,
  lakeToPublish,
  publishable,
  REVISIONS,
} from '../support/published.ts'
import { lineOf, once, proxied, SINGLE_FAULTS, s3Fault } from '../support/server-faults.ts'

const SERVERS = Object.entries(PLACES).filter(([name]) => name !== 'a folder')
const PUBLISH = ['publish', '-j3']

describe('make publish', { concurrency: true }, () => {
  for (const [name, start] of SERVERS) {
    test(`repeats requests to ${name} that failed, were cut, or whose answer was lost`, async t => {
      const paths = await lakeToPublish(t)
      const place = await start(t)
      assert.equal((await makeAt(place, paths.data, PUBLISH)).status, 0)
      await addNights(paths, REVISIONS)
      const [kind = ''] = name.split(' ')
      const faults = SINGLE_FAULTS[kind] ?? assert.fail(kind)
      const { left, fault } = once(faults)
      const proxy = await proxied(t, place, fault)
      const { status, out, err } = await makeAt(proxy, paths.data, PUBLISH)
      assert.equal(status, 0, out + err)
      assert.deepEqual([...left], [], proxy.requests.join('\n'))
      const waits = out.split('\n').filter(line => line.startsWith('waiting '))
      for (const line of waits) assert.match(line, /^waiting {3}\S.*\S: retrying in [48]\.0 s$/)
      assert.equal(waits.length, faults.length, out)
      assert.match(out, /^2 nights published: /m)
      await assertPublished(place, await publishable(paths))

      const cuts = once([[/^GET .*20210401-\w+-0000\.parquet/, { cutResponseAfter: 100 }]])
      const check = await makeAt(await proxied(t, place, cuts.fault), paths.data, ['check'])
      assert.equal(check.status, 0, check.out + check.err)
      assert.match(check.out, /^waiting .*has closed the connection: retrying in 4\.0 s$/m)
      assert.match(check.out, /: all intact$/m)
    })
  }

  for (const [name, start] of Object.entries(PLACES)) {
    test(`publishes the other nights to ${name} if files of the lake disappear or change meanwhile`, async t => {
      const paths = await lakeToPublish(t)
      const place = await start(t)
      const expected = await publishable(paths)
      const [removed = assert.fail()] = [...expected.keys()].filter(path => path.includes('20210401-'))
      const [corrupted = assert.fail()] = [...expected.keys()].filter(path => path.includes('20191007-'))
      const [grown = assert.fail()] = [...expected.keys()].filter(path => path.includes('20191003-'))
      const contents = await Promise.all([removed, corrupted, grown].map(path => readFile(join(paths.data, path))))
      const changing = await changedMeanwhile(t, place, () => {
        rmSync(join(paths.data, removed))
        corruptFile(join(paths.data, corrupted))
        appendFileSync(join(paths.data, grown), 'more')
      })
      const { status, out, err } = await makeAt(changing, paths.data, PUBLISH)
      assert.notEqual(status, 0, out)
      const failed = ['ztf_public_20191003', 'ztf_public_20191007', 'ztf_public_20210401']
      assert.deepEqual(stemsIn(out, 'FAILED').sort(), failed, out)
      for (const path of [removed, corrupted, grown])
        assert.match(out, new RegExp(`^FAILED .*: ${join(paths.data, path)} .*: `, 'm'))
      assert.match(err, /^error: 3 nights failed \(/)
      const others = ['ztf_public_20191003_programid3', 'ztf_public_20210402']
      assert.deepEqual((await assertWholeNights(place, expected)).sort(), others)

      for (const [i, path] of [removed, corrupted, grown].entries())
        await writeFile(join(paths.data, path), contents[i] ?? assert.fail())
      const again = await makeAt(place, paths.data, PUBLISH)
      assert.equal(again.status, 0, again.out + again.err)
      await assertPublished(place, expected)
    })
  }

  test('gives up a night whose uploads fail again and again, and publishes it in the next run', async t => {
    const paths = await lakeToPublish(t)
    const place = await (PLACES['S3 (versitygw)'] ?? assert.fail())(t)
    const proxy = await proxied(t, place, request =>
      /^PUT .*20210401-\w+-0000\.parquet/.test(lineOf(request)) ? s3Fault(500, 'InternalError') : undefined,
    )
    const { status, out, err } = await makeAt(proxy, paths.data, PUBLISH)
    assert.notEqual(status, 0)
    assert.equal(out.match(/^waiting .*\(InternalError, 500\): retrying in (4|8|16|32)\.0 s$/gm)?.length, 4, out)
    assert.match(out, /^FAILED {4}ztf_public_20210401 {2}it was not published: .*\(InternalError, 500\)$/m)
    assert.match(err, /^error: 1 night failed \(ztf_public_20210401\): /)
    const stems = await assertWholeNights(place, await publishable(paths))
    assert.equal(stems.length, 4)
    const again = await makeAt(place, paths.data, PUBLISH)
    assert.equal(again.status, 0, again.out + again.err)
    assert.match(again.out, /^1 night published: /m)
    await assertPublished(place, await publishable(paths))
  })
})

/** The same place; when the first night is published there, the lake changes. A folder sees the lake changed already. */
async function changedMeanwhile(t: TestContext, place: Place, change: () => void): Promise<Address> {
  let isChanged = !place.endpoint
  if (isChanged) change()
  const onRequest = (request: ProxiedRequest) => {
    if (isChanged || !lineOf(request).includes('ztf/lake/year=')) return undefined
    isChanged = true
    change()
    return undefined
  }
  return place.endpoint ? proxied(t, place, onRequest) : place
}

function corruptFile(path: string): void {
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0xff, bytes.length >> 1)
  writeFileSync(path, bytes)
}
