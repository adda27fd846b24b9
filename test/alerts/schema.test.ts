import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { clipped } from '../../lib/core/console.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { schemaOf } from '../support/raw-packet.ts'
import { SCHEMA_VARIANTS } from '../support/schema-variants.ts'

for (const type of ['constructor', 'toString', '__proto__', { type: 'constructor' }, { type: 'toString' }])
  test(`rejects an inherited property as a type: ${JSON.stringify(type)}`, () => {
    assert.throws(() => parseSchema(schemaOf([{ name: 'f', type }])), CorruptPacketError)
  })

for (const symbol of [['A'], 1, null, 'A'.repeat(101)])
  test(`rejects an enum with the symbol ${clipped(JSON.stringify(symbol), 20)}`, () => {
    const type = { type: 'enum', name: 'e', symbols: ['B', symbol] }
    assert.throws(() => parseSchema(schemaOf([{ name: 'f', type }])), CorruptPacketError)
  })

test('reads the version that a schema states, and calls any other text unknown', () => {
  for (const [version, style] of SCHEMA_VARIANTS)
    assert.equal(parseSchema(schemaText({ version, style })).version, version)
  for (const version of ['', '3', 'v3.3', '3.3 ', 'x'.repeat(100), null, {}, undefined]) {
    const text = JSON.stringify({ ...JSON.parse(schemaOf([{ name: 'f', type: 'int' }])), version })
    assert.equal(parseSchema(text).version, 'unknown')
  }
})
