import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { showCount, showSeconds } from '../../lib/core/units.ts'
import { Summary } from '../../lib/jobs/summary.ts'

const AMOUNTS = { alerts: 600, tarballBytes: 1024, tarBytes: 3072, lakeBytes: 2048 }

test('prints a line per night, and the sums of the converted ones at the end', t => {
  const printed = captureLines(t)
  const summary = new Summary()
  summary.add({ stem: 'ztf_public_20200101', line: 'converted ztf_public_20200101', amounts: AMOUNTS })
  summary.add({ stem: 'ztf_public_20200102', line: 'converted ztf_public_20200102', amounts: AMOUNTS, extended: true })
  summary.add({ stem: 'ztf_public_20200103', line: 'FAILED    ztf_public_20200103', failed: true })
  summary.add({ stem: 'ztf_public_20200104', line: 'checked   ztf_public_20200104' })
  const run = summary.close()
  const [sums = '', ...lines] = printed().reverse()
  const words = lines.map(line => line.split(' ')[0])
  assert.deepEqual(words, ['checked', 'FAILED', 'converted', 'converted'])
  const amounts = '2.0 KiB of tar.gz (6.0 KiB of tar) became 4.0 KiB, 1.50 times smaller than the tar'
  assert.ok(sums.startsWith(`2 nights into the lake, 1,200 alerts: ${amounts}, in `), sums)
  assert.match(sums, / in \d+\.\d s, [\d,.]+ alerts\/s$/)
  // The report shows the same numbers.
  assert.deepEqual([run?.nights, run?.alerts, run?.tarballBytes], [2, 1200, 2048])
  assert.ok(
    sums.endsWith(` in ${showSeconds(run?.seconds ?? 0)}, ${showCount(1200 / (run?.seconds ?? 0))} alerts/s`),
    sums,
  )
  assert.deepEqual([summary.failed, summary.extended], [['ztf_public_20200103'], ['ztf_public_20200102']])
})

test('prints no sums if no night was converted', t => {
  const printed = captureLines(t)
  const summary = new Summary()
  summary.add({ stem: 'ztf_public_20200101', line: 'FAILED    ztf_public_20200101', failed: true })
  assert.equal(summary.close(), undefined)
  assert.deepEqual(printed(), ['FAILED    ztf_public_20200101'])
})

test('gives no ratio of sizes for nights without alerts', t => {
  const printed = captureLines(t)
  const summary = new Summary()
  const amounts = { alerts: 0, tarballBytes: 74, tarBytes: 10_240, lakeBytes: 0 }
  summary.add({ stem: 'ztf_public_20200101', line: 'converted ztf_public_20200101', amounts })
  summary.close()
  assert.match(printed()[1] ?? '', /: 74 B of tar\.gz \(10\.0 KiB of tar\) became 0 B, in /)
})

/** Returns the lines printed so far. */
function captureLines(t: TestContext): () => string[] {
  const { mock } = t.mock.method(console, 'log', () => {})
  return () => mock.calls.map(({ arguments: [line] }) => String(line))
}
