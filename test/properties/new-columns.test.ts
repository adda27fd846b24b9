import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { nightsInLake } from '../../lib/index/plan.ts'
import { schemaTypes } from '../../lib/lake/arrow.ts'
import { commonMetadataFault, updateCommonMetadata } from '../../lib/lake/common-metadata.ts'
import { readLakeColumns } from '../../lib/lake/lake-columns.ts'
import { readParquet } from '../../lib/lake/parquet-reader.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { alertsOf, parquetFiles, type Row } from '../support/lake-reader.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import type { SchemaField } from '../support/schema-variants.ts'
import { fc, forAll } from './cases.ts'

const NAMES = [
  'colour',
  'Colour',
  'COLOUR',
  'host',
  'Host',
  'year',
  'Day',
  'night',
  'alert',
  'filename',
  'MAGPSF',
  'CANDID',
]
const SCALARS = ['boolean', 'int', 'long', 'float', 'double', 'string', 'bytes']
const TYPES: readonly unknown[] = [
  ...SCALARS,
  ...SCALARS.map(items => ({ type: 'array', items })),
  { type: 'enum', symbols: ['RED', 'GREEN'] },
  { type: 'map', values: 'int' },
  { type: 'record', fields: [{ name: 'z', type: 'double' }] },
  {
    type: 'record',
    fields: [
      { name: 'Z', type: 'int' },
      { name: 'z', type: 'string' },
    ],
  },
  { type: 'array', items: { type: 'record', fields: [{ name: 'z', type: 'long' }] } },
]
const RECORDS = ['alert', 'candidate', 'prv_candidate'] as const

const fields = fc.uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), type: fc.constantFrom(...TYPES) }), {
  maxLength: 5,
  selector: ({ name }) => name,
})
const lakes = fc.array(fc.record({ alert: fields, candidate: fields, prv_candidate: fields }), {
  minLength: 2,
  maxLength: 5,
})

test('nights with any new fields, in any order and in parallel, make a lake with one type per column', async t => {
  const paths = await dataFolder(t)
  await forAll(t, 0.005, lakes, async extras => {
    for (const folder of [paths.lake, paths.candidates]) await rm(folder, { recursive: true, force: true })
    const nights = extras.map((extra, i) => nightWith(extra, i))
    for (let i = 0; i < nights.length; i += 2)
      await Promise.all(nights.slice(i, i + 2).map(night => convertWhole(paths, night)))
    const inLake = await nightsInLake(paths)
    await updateCommonMetadata(paths, inLake)
    await assertOneTypeEach(paths)
    const { columns, clashes } = await readLakeColumns(paths, inLake)
    assert.deepEqual([...clashes], [])
    assert.equal(await commonMetadataFault(paths, columns), undefined)
    const rows = new Map((await alertsOf(paths)).map(row => [row.candid, row]))
    for (const [i, { alerts }] of nights.entries())
      for (const { values } of alerts)
        for (const field of extras[i]?.alert ?? []) assertHas(rows.get(values.candid), field, values[field.name])
  })
})

function nightWith(extra: Record<(typeof RECORDS)[number], readonly SchemaField[]>, i: number): SyntheticNight {
  const nullable = (record: string) => (field: SchemaField) => ({
    ...field,
    type: ['null', named(field.type, `${record}_${field.name}`)],
  })
  const added = Object.fromEntries(RECORDS.map(record => [record, extra[record].map(nullable(record))]))
  const schemas = [{ version: '4.02', style: 'go', extra: added }] as const
  return makeNight({ night: `2026060${i + 1}`, alerts: 2, edges: 0, schemas })
}

/** Gives the records and enums in a type names that no others have. */
function named(type: unknown, name: string): unknown {
  if (typeof type !== 'object' || type === null) return type
  if ('items' in type) return { ...type, items: named(type.items, name) }
  return { ...type, name }
}

async function convertWhole(paths: Paths, night: SyntheticNight): Promise<void> {
  const { damaged, damagedPackets } = await convert(paths, night)
  assert.equal(damaged, 0, damagedPackets[0]?.reason)
}

/** Asserts that all files have the same type and the same case in columns whose names differ in case at most. */
async function assertOneTypeEach(paths: Paths): Promise<void> {
  const found = new Map<string, string>()
  for (const file of await parquetFiles(paths))
    for (const [path, type] of schemaTypes((await readParquet(join(paths.lake, file))).schema)) {
      const key = path.toLowerCase()
      assert.equal(found.get(key) ?? `${path} ${type}`, `${path} ${type}`)
      found.set(key, `${path} ${type}`)
    }
}

/** Asserts that a row has the value of a field, in a column of its name with any types appended. */
function assertHas(row: Row | undefined, { name, type }: SchemaField, value: unknown): void {
  // Raw bytes of maps, and records whose fields have other names, are not compared.
  if (typeof type === 'object' && /record|map/.test(JSON.stringify(type))) return
  const columns = Object.keys(row ?? {}).filter(column => column === name || column.startsWith(`${name}_`))
  const found = columns.map(column => row?.[column])
  assert.ok(
    found.some(other => isDeepStrictEqual(other, value)),
    `${name}: ${String(value)} in ${columns}`,
  )
}
