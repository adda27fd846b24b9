import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { convert, nightOf, parquetOf } from '../support/data-folder.ts'
import { makeNight, readableAlerts, type SyntheticNight } from '../support/night.ts'
import { startPython } from '../support/python.ts'
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

test('readers find only whole nights while a conversion adds nights to the lake', async t => {
  const nights = Array.from({ length: 24 }, (_, i) =>
    makeNight({ night: `202001${String(i + 1).padStart(2, '0')}`, alerts: 60 }),
  )
  const space = await Workspace.open(t, [])
  const { paths } = space
  await mkdir(paths.tarballs, { recursive: true })
  const [first, ...others] = nights as [SyntheticNight, ...SyntheticNight[]]
  await writeFile(join(paths.tarballs, first.name), first.bytes)
  assert.equal((await space.make('lake ALERTS_PER_FILE=7')).status, 0)
  // The leftover of a killed conversion; no reader would accept a Parquet file this small.
  const killed = makeNight({ night: '20191231', alerts: 1 })
  const leftover = join(paths.staging, `${nightOf(killed.name).stem}.killed`)
  await mkdir(leftover, { recursive: true })
  await writeFile(join(leftover, `${parquetOf(killed)}.part`), 'PAR1')

  const watch = await startPython('watch.py', paths.lake)
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

test('readers that opened the lake before a night was rebuilt get the old night, the new one or an error', async t => {
  const space = await Workspace.open(t, [])
  const { paths } = space
  const other = makeNight({ night: '20210401', alerts: 12 })
  const [before, after] = [1, 2].map(seed => makeNight({ night: '20200115', alerts: 40, seed })) as [
    SyntheticNight,
    SyntheticNight,
  ]
  await mkdir(paths.tarballs, { recursive: true })
  for (const night of [other, before]) await convert(paths, night, { alertsPerFile: 10 })
  const reader = await startPython('rebuilt.py', paths.lake)
  await convert(paths, after, { alertsPerFile: 10 })
  const found = (await reader.end()) as Record<'opened before' | 'opened after', Record<string, Rebuilt>>

  for (const [name, { candids, error }] of Object.entries(found['opened before']))
    if (error === undefined)
      assert.ok(
        [before, after].some(night => String(candids) === String(candidsOf(night, other))),
        name,
      )
    else assert.match(error, new RegExp(`${parquetOf(before).slice(0, 27)}`), name)
  assert.match(found['opened before'].Spark?.error ?? '', /FAILED_READ_FILE\.FILE_NOT_EXIST/)
  for (const [name, { candids }] of Object.entries(found['opened after']))
    assert.deepEqual(candids, candidsOf(after, other), name)
})

function candidsOf(...nights: SyntheticNight[]): string[] {
  return readableAlerts(...nights)
    .map(({ values }) => String(values.candid))
    .sort()
}
