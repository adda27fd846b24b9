import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Manifest } from '../../lib/lake/manifest.ts'
import type { Codec } from '../../lib/parquet/codecs.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { ask, assertAlerts, candids, parquetFiles, type Row } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { hash, SCHEMAS } from '../support/tarballs.ts'

test('writes row groups of 3000 alerts', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 3100 })
  const manifest = await convert(paths, night, { alertsPerFile: 4000 })
  await assertAlerts(paths, night)
  const [file] = manifest.files
  const groups = await ask(
    paths,
    'select distinct row_group_id, row_group_num_rows n from parquet_metadata(LAKE) order by 1',
  )
  assert.deepEqual([file?.alerts, groups.map(group => group.n)], [3100, [3000n, 100n]])
})

test('writes the set number of alerts per file, in the order of the tar', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 20 })
  const manifest = await convert(paths, night, { alertsPerFile: 7 })
  assert.deepEqual(
    manifest.files.map(({ name, alerts }) => [name, alerts]),
    [
      [parquetOf(night, 0), 7],
      [parquetOf(night, 1), 7],
      [parquetOf(night, 2), 6],
    ],
  )
  for (const [i, { name, alerts }] of manifest.files.entries()) {
    const expected = night.alerts.slice(i * 7, i * 7 + alerts)
    assert.deepEqual(
      await candids(paths, `filename like '%${name}'`),
      expected.map(({ values }) => values.candid),
    )
  }
  await assertAlerts(paths, night)
})

test('writes no empty file after a full one', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, makeNight({ night: '20200601', alerts: 14 }), { alertsPerFile: 7 })
  assert.deepEqual(
    manifest.files.map(({ alerts }) => alerts),
    [7, 7],
  )
})

test('compresses with each codec, except for byte strings, which are compressed images', async t => {
  const names: Record<Codec, string> = { snappy: 'SNAPPY', zstd: 'ZSTD', lz4: 'LZ4_RAW', none: 'UNCOMPRESSED' }
  const night = makeNight({ night: '20240519', alerts: 30, edges: 0.02 })
  let codecs = 0
  for (const codec of Object.keys(names) as Codec[]) {
    const paths = await dataFolder(t)
    const manifest = await convert(paths, night, { codec })
    await assertAlerts(paths, night)
    const used = await ask(
      paths,
      `select distinct compression from parquet_metadata(LAKE) where path_in_schema not like '%stampData'`,
    )
    assert.deepEqual([used, manifest.codec], [[{ compression: names[codec] }], codec])
    const images = await ask(
      paths,
      `select path_in_schema, compression from parquet_metadata(LAKE) where path_in_schema like '%stampData' order by 1`,
    )
    assert.deepEqual(
      images,
      ['cutoutDifference', 'cutoutScience', 'cutoutTemplate'].map(cutout => ({
        path_in_schema: `${cutout}, stampData`,
        compression: 'UNCOMPRESSED',
      })),
    )
    codecs++
  }
  assert.equal(codecs, 4)
})

test('writes the writer, the tarball with its md5 and the schema versions to each footer', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20231012', alerts: 8, schemas: SCHEMAS.slice(0, 2) })
  const late = makeNight({ night: '20240519', alerts: 2 })
  const manifest = await convert(paths, night, { alertsPerFile: 5 })
  await convert(paths, late)
  const footers = new Map<string, Row>()
  for (const { f, key, value } of await ask(
    paths,
    `select parse_filename(file_name) f, decode("key") "key", decode("value") "value" from parquet_kv_metadata(LAKE)`,
  ))
    footers.set(f as string, { ...footers.get(f as string), [key as string]: value })
  const versions = [['1.8', '3.1'], ['1.8', '3.1'], ['4.02']]
  const names = [...manifest.files.map(({ name }) => name), parquetOf(late)]
  assert.equal(footers.size, 3)
  for (const [i, name] of names.entries()) {
    const footer = footers.get(name)
    const source = i < 2 ? night : late
    assert.deepEqual(JSON.parse(footer?.ztf_lake as string), {
      writer: manifest.writer,
      tarball: source.name,
      tarball_md5: hash('md5', source.bytes),
      schema_versions: versions[i],
    })
  }
  assert.match(manifest.writer, /^ztf-lake \d+\.\d+\.\d+$/)
})

test('writes the same schema to every file, whatever the alerts’ versions', async t => {
  const paths = await dataFolder(t)
  for (const [i, schema] of SCHEMAS.entries())
    await convert(paths, makeNight({ night: `2020060${i + 1}`, alerts: 9, schemas: [schema] }), { alertsPerFile: 5 })
  const schemas = await ask(
    paths,
    `select file_name, string_agg(concat_ws(' ', name, type, repetition_type, num_children, converted_type), ';' order by rowid) s
     from (select *, row_number() over () rowid from parquet_schema(LAKE)) group by 1`,
  )
  assert.equal(schemas.length, 12)
  assert.equal(new Set(schemas.map(({ s }) => s)).size, 1)
  assert.match(schemas[0]?.s as string, /fp_hists.*procstatus/)
  assert.doesNotMatch(schemas[0]?.s as string, / REQUIRED /)
})

test('writes the same bytes in this process and in others', async t => {
  const night = makeNight({ night: '20231012', alerts: 300, schemas: SCHEMAS, edges: 0.02 })
  const sums: string[] = []
  for (let i = 0; i < 2; i++) {
    const paths = await dataFolder(t)
    sums.push(sumsOf(await convert(paths, night)))
  }
  for (let i = 0; i < 2; i++) {
    const [paths, source] = [await dataFolder(t), await dataFolder(t)]
    await convert(source, night)
    await copyFile(source.tarball(nightOf(night.name)), paths.tarball(nightOf(night.name)))
    const child = join(import.meta.dirname, '../support/convert-child.ts')
    await promisify(execFile)(process.execPath, ['--import', 'tsx', child, paths.data, night.name])
    const [path] = await parquetFiles(paths)
    sums.push(hash('sha256', await readFile(join(paths.lake, path as string))))
  }
  assert.equal(sums.length, 4)
  assert.equal(new Set(sums).size, 1)
})

function sumsOf({ files }: Manifest): string {
  return files.map(({ sha256 }) => sha256).join()
}
