import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { convert, nightOf, parquetOf } from '../support/data-folder.ts'
import { makeNight, readableAlerts, type SyntheticNight } from '../support/night.ts'
import { begin } from '../support/python.ts'
import { Workspace } from '../support/workspace.ts'

const READERS = ['Spark', 'pyarrow', 'pandas', 'Polars', 'DuckDB']

interface Read {
  readonly reader: string
  readonly nights?: Record<string, number>
  readonly error?: string
}

interface Rebuilt {
  readonly candids?: string[]
  readonly error?: string
}

test('whoever reads the lake while nights come into it finds whole nights and nothing else', async t => {
  const nights = Array.from({ length: 24 }, (_, i) =>
    makeNight({ night: `202001${String(i + 1).padStart(2, '0')}`, alerts: 60 }),
  )
  const space = await Workspace.open(t, [])
  const { paths } = space
  await mkdir(paths.tarballs, { recursive: true })
  const [first, ...others] = nights as [SyntheticNight, ...SyntheticNight[]]
  await writeFile(join(paths.tarballs, first.name), first.bytes)
  assert.equal((await space.make('lake ALERTS_PER_FILE=7')).status, 0)
  // What a conversion that was killed has left, at a size that no reader takes for a Parquet file.
  const abandoned = makeNight({ night: '20191231', alerts: 1 })
  const building = join(paths.staging, `${nightOf(abandoned.name).stem}.abandoned`)
  await mkdir(building, { recursive: true })
  await writeFile(join(building, `${parquetOf(abandoned)}.part`), 'PAR1')

  const watch = await begin('watch.py', paths.lake)
  for (const night of others) await writeFile(join(paths.tarballs, night.name), night.bytes)
  const { status, out } = await space.make('lake ALERTS_PER_FILE=7 WORKERS=2')
  assert.equal(status, 0, out)
  const reads = (await watch.end()) as Read[]

  const whole = new Map(nights.map(night => [night.name.slice(11, 19), night.alerts.length]))
  for (const { reader, nights: found, error } of reads) {
    assert.equal(error, undefined, reader)
    for (const [night, rows] of Object.entries(found ?? {})) assert.equal(rows, whole.get(night), `${reader}: ${night}`)
  }
  for (const reader of READERS) {
    const sizes = reads.filter(read => read.reader === reader).map(read => Object.keys(read.nights ?? {}).length)
    assert.deepEqual([sizes.at(0), sizes.at(-1)], [1, 24], reader)
  }
})

test('who opened the lake before a night was rebuilt gets the former night, the new one or an error', async t => {
  const space = await Workspace.open(t, [])
  const { paths } = space
  const other = makeNight({ night: '20210401', alerts: 12 })
  const [former, now] = [1, 2].map(seed => makeNight({ night: '20200115', alerts: 40, seed })) as [
    SyntheticNight,
    SyntheticNight,
  ]
  await mkdir(paths.tarballs, { recursive: true })
  for (const night of [other, former]) await convert(paths, night, { alertsPerFile: 10 })
  const reader = await begin('rebuilt.py', paths.lake)
  await convert(paths, now, { alertsPerFile: 10 })
  const found = (await reader.end()) as Record<'opened before' | 'opened after', Record<string, Rebuilt>>

  for (const [name, { candids, error }] of Object.entries(found['opened before']))
    if (error === undefined)
      assert.ok(
        [former, now].some(night => String(candids) === String(candidsOf(night, other))),
        name,
      )
    else assert.match(error, new RegExp(`${parquetOf(former).slice(0, 27)}`), name)
  assert.match(found['opened before'].Spark?.error ?? '', /FAILED_READ_FILE\.FILE_NOT_EXIST/)
  for (const [name, { candids }] of Object.entries(found['opened after']))
    assert.deepEqual(candids, candidsOf(now, other), name)
})

function candidsOf(...nights: SyntheticNight[]): string[] {
  return readableAlerts(...nights)
    .map(({ values }) => String(values.candid))
    .sort()
}
