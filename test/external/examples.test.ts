import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { SUPERNOVA, supernovaNights, type Visit, visits } from '../../lib/synthetic/supernova.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { PROJECT, run } from '../support/run.ts'

const EXAMPLES = join(PROJECT, 'examples')
const PYTHON = join(PROJECT, 'data/venv/bin/python')
const NO_PYTHON = existsSync(PYTHON) ? false : 'no data/venv: make test-spark creates it'

const NIGHTS = supernovaNights()
const ALERTS = NIGHTS.flatMap(({ name, alerts }) =>
  alerts.map(({ values }): Row => ({ ...values, night: isoDate(name) })),
)
const SEEN = visits().filter(({ isDetected }) => isDetected)

before(() => assert.ok(NIGHTS.length > 15 && SEEN.length > 30))

test('every example has a test', async () => {
  const names = (await readdir(EXAMPLES)).filter(name => name.endsWith('.py'))
  assert.deepEqual(names.sort(), [
    'duckdb_brightest_of_week.py',
    'pandas_stamps.py',
    'polars_light_curve.py',
    'spark_count_by_night.py',
  ])
})

test('spark_count_by_night.py counts alerts and objects per night and band', { skip: NO_PYTHON }, async t => {
  const paths = await lake(t)
  await convert(paths, makeNight({ night: '20230101', alerts: 5 }))
  const rows = csv(await runExample('spark_count_by_night.py', paths.lake, '2024'))
  const groups = new Map<string, Row[]>()
  for (const alert of ALERTS) {
    const key = `${alert.night},${bandOf((alert.candidate as Row).fid as number)}`
    groups.set(key, [...(groups.get(key) ?? []), alert])
  }
  const expected = [...groups].map(([key, alerts]) => [
    ...key.split(','),
    String(alerts.length),
    String(new Set(alerts.map(({ objectId }) => objectId)).size),
  ])
  assert.deepEqual(rows, [['night', 'band', 'alerts', 'objects'], ...expected.sort(byText)])
})

test('duckdb_brightest_of_week.py finds the brightest transients of a week', { skip: NO_PYTHON }, async t => {
  const { lake: folder } = await lake(t)
  const first = Date.parse('2024-04-06')
  const inWeek = SEEN.filter(({ jd }) => jd >= jdOf(first) && jd < jdOf(first) + 7)
  const brightest = inWeek.reduce((a, b) => (b.mag < a.mag ? b : a))
  const [heading = [], ...rows] = csv(await runExample('duckdb_brightest_of_week.py', folder, '20240406'))
  const found = rows.map(row => Object.fromEntries(row.map((cell, i) => [heading[i], cell])))
  const supernova = found.find(({ objectId }) => objectId === SUPERNOVA.objectId)
  assert.deepEqual([supernova?.candid, supernova?.alerts], [String(brightest.candid), String(inWeek.length)])
  assert.equal(supernova?.magpsf, String(Math.round(brightest.mag * 1000) / 1000))
  const mags = found.map(({ magpsf }) => Number(magpsf))
  assert.deepEqual(
    mags,
    mags.toSorted((a, b) => a - b),
  )
})

test('polars_light_curve.py prints the light curve of an object from all of its alerts', {
  skip: NO_PYTHON,
}, async t => {
  const { lake: folder } = await lake(t)
  const [heading, ...rows] = csv(await runExample('polars_light_curve.py', folder, SUPERNOVA.objectId))
  assert.deepEqual(heading, ['mjd', 'band', 'magpsf', 'sigmapsf', 'isdiffpos', 'diffmaglim', 'candid'])
  const [first, last] = [SEEN[0] as Visit, SEEN.at(-1) as Visit]
  const listed = visits().filter(({ jd }) => jd > first.jd - 30 && jd <= last.jd)
  const expected = listed.map(({ isDetected, fid, candid }) => [bandOf(fid), isDetected ? String(candid) : ''])
  assert.deepEqual(
    rows.map(row => [row[1], row[6]]),
    expected,
  )
})

test('pandas_stamps.py writes the stamps of a night as one array', { skip: NO_PYTHON }, async t => {
  const paths = await lake(t)
  const night = isoDate(NIGHTS[3]?.name as string)
  const file = join(paths.data, 'stamps.npz')
  const output = await runExample('pandas_stamps.py', paths.lake, night, file)
  const own = ALERTS.filter(alert => alert.night === night)
  assert.match(output, new RegExp(`^\\(${own.length}, 3, 63, 63\\) float32, [\\d.]+% of the pixels without a value\n$`))
  const check = `import numpy, sys; a = numpy.load(sys.argv[1]); s = a['stamps'][:, 2]; i = numpy.nanargmax(s[0]);
print(*a['candid']); print(numpy.unravel_index(i, s[0].shape))`
  const [candids, brightest] = (await runPython('-c', check, file)).split('\n')
  assert.deepEqual(candids?.split(' ').sort(), own.map(alert => String(alert.candid)).sort())
  assert.match(brightest ?? '', /\b3[012]\b.*\b3[012]\b/)
})

for (const [example, ...args] of [
  ['duckdb_brightest_of_week.py', '20191001'],
  ['pandas_stamps.py', '20191003', 'none.npz'],
  ['polars_light_curve.py', 'ZTF18aaaaaaa'],
  ['spark_count_by_night.py', '2019'],
] as const)
  test(`${example} prints its usage, and describes missing data and wrong arguments in one line`, {
    skip: NO_PYTHON,
  }, async t => {
    const usage = await run(PYTHON, [join(EXAMPLES, example)])
    assert.deepEqual([usage.status, usage.out], [1, ''])
    assert.match(usage.err, new RegExp(`^usage: [^\n]*${example} data/lake [^\n]+\n$`))
    const paths = await lake(t)
    const cases: [args: readonly string[], message: string][] = [
      [[paths.lake, ...args], `${paths.lake} has no `],
      [[paths.data, ...args], `${paths.data} has no alerts: `],
      [[join(paths.data, 'none'), ...args], `${paths.data}/none has no alerts: `],
    ]
    const wrongDate = [paths.lake, '2019-1O', ...args.slice(1)]
    if (example !== 'polars_light_curve.py') cases.push([wrongDate, '(usage: |2019-1O is not a date )'])
    for (const [given, message] of cases) {
      const { status, out, err } = await run(PYTHON, [join(EXAMPLES, example), ...given])
      assert.deepEqual([status, out], [1, ''])
      assert.match(err, new RegExp(`(^|[\r\n])${message}[^\n]+\n$`))
      assert.doesNotMatch(err, /Traceback/)
    }
  })

async function lake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  return paths
}

function runExample(example: string, ...args: string[]): Promise<string> {
  return runPython(join(EXAMPLES, example), ...args)
}

async function runPython(...args: string[]): Promise<string> {
  const { status, out, err } = await run(PYTHON, args)
  assert.equal(status, 0, err)
  return out
}

function csv(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => line.split(','))
}

function byText(a: readonly string[], b: readonly string[]): number {
  return a.join() < b.join() ? -1 : 1
}

function bandOf(fid: number): string {
  return 'gri'[fid - 1] as string
}

function isoDate(name: string): string {
  return name.slice(11, 19).replace(/(....)(..)(..)/, '$1-$2-$3')
}

function jdOf(time: number): number {
  return time / 86_400_000 + 2_440_587.5
}
