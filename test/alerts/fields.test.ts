import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { type Field, type FieldType, RECORDS, type RecordName } from '../../lib/alerts/fields.ts'
import { PacketReader } from '../../lib/alerts/packet.ts'
import { parseSchema, type Schema, type Shape } from '../../lib/alerts/schema.ts'
import { NO_ARCHIVE, realNights, realPackets, SHARED } from '../support/shared.ts'

/** Versions of the schemas in the archive's packets. Alerts whose `schemavsn` is 3.2 have a header of 3.1. */
const HEADER_VERSIONS = ['1.8', '3.0', '3.1', '3.3', '4.01', '4.02']
const MEASURED = join(SHARED, 'alert-fields.csv')

test('every record has its number of fields, with unique names', () => {
  const counts = Object.entries(RECORDS).map(([record, fields]) => [record, fields.length])
  assert.deepEqual(Object.fromEntries(counts), { alert: 10, candidate: 103, prv_candidate: 57, fp_hist: 29, cutout: 2 })
  for (const [record, fields] of Object.entries(RECORDS))
    assert.equal(new Set(fields.map(field => field.name)).size, fields.length, record)
})

test('every field has a short description that fits a Markdown table', () => {
  for (const { name, unit, description } of Object.values(RECORDS).flat()) {
    assert.match(description, /^[^|\n]{5,90}$/, name)
    assert.doesNotMatch(unit, /[|\n]/, name)
  }
})

test('a field is as old as the oldest schema with it in the headers of real alerts', { skip: NO_ARCHIVE }, async () => {
  const oldest = new Map<string, string>()
  const versions = new Set<string>()
  for (const { version, shape } of await realSchemas()) {
    versions.add(version)
    for (const path of pathsOf(shape)) if (version < (oldest.get(path) ?? '9')) oldest.set(path, version)
  }
  assert.deepEqual([...versions].sort(), HEADER_VERSIONS)
  const expected = columns().map(([path, { since }]) => [path, since])
  assert.deepEqual(
    expected.map(([path = '']) => [path, oldest.get(path)]),
    expected,
  )
  assert.equal(oldest.size, expected.length)
})

test('no field is said to be of a version that no header has', () => {
  for (const [path, { since }] of columns()) assert.ok(HEADER_VERSIONS.includes(since), `${path}: ${since}`)
})

test('the names and types are those measured in the archive', {
  skip: existsSync(MEASURED) ? false : `no ${MEASURED}`,
}, async () => {
  const [, ...lines] = (await readFile(MEASURED, 'utf8')).trim().split(/\r?\n/)
  const expected = lines.map(line => line.split(',').slice(0, 3))
  const actual = Object.entries(RECORDS).flatMap(([record, fields]) =>
    fields.map(({ name, type }) => [record, name, typeText(type)]),
  )
  assert.deepEqual(actual, expected)
})

/** The different schemas in the headers of real alerts. */
async function realSchemas(): Promise<Schema[]> {
  const schemas = new Map<string, Schema>()
  const reader = new PacketReader(text => schemas.set(text, parseSchema(text)))
  for (const night of await realNights())
    for (const packet of await realPackets(night))
      try {
        reader.open(packet, 0, packet.length)
      } catch (error) {
        // One packet of the archive is damaged.
        assert.ok(error instanceof CorruptPacketError)
      }
  return [...schemas.values()]
}

/** Paths of all fields below a shape, e.g. `candidate.jd`. */
function pathsOf(shape: Shape, path = ''): string[] {
  if (shape.kind === 'union') return shape.branches.flatMap(branch => pathsOf(branch, path))
  if (shape.kind === 'array') return pathsOf(shape.of, path)
  if (shape.kind !== 'record') return []
  return shape.fields.flatMap(({ name, shape }) => [path + name, ...pathsOf(shape, `${path}${name}.`)])
}

/** All fields, with their paths. */
function columns(record: RecordName = 'alert', path = ''): [string, Field][] {
  return RECORDS[record].flatMap(field => {
    const { name, type } = field
    const inner = typeof type === 'string' ? undefined : 'record' in type ? type.record : type.array
    return [[path + name, field] as [string, Field], ...(inner ? columns(inner, `${path}${name}.`) : [])]
  })
}

/** The type as alert-fields.csv writes it. */
function typeText(type: FieldType): string {
  if (typeof type === 'string') return type
  return 'record' in type ? type.record : `array<${type.array}>`
}
