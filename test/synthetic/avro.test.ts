import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodePacket } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { SCHEMA_VARIANTS, writtenSchema } from '../support/schema-variants.ts'
import { alertOptions, decode, packetsOf } from '../support/synthetic-packets.ts'

for (const [version, style] of SCHEMA_VARIANTS)
  for (const arrays of ['plain', 'sized', 'split'] as const)
    test(`avsc reads the same values from a packet: ${version}, ${style}, ${arrays} arrays`, async () => {
      for (const [packet, values] of packetsOf(version, style, arrays)) assert.deepEqual(await decode(packet), values)
    })

test('encodes fields of a future schema', async () => {
  const boolean = { name: 'flag', type: ['null', 'boolean'], default: null }
  const nested = { name: 'host', type: { type: 'record', name: 'host', fields: [{ name: 'z', type: 'double' }] } }
  const extra = { candidate: [boolean], alert: [nested] }
  const schema = writtenSchema({ version: '4.02', style: 'go', extra }).text
  const values = makeAlert(parseSchema(schema).shape, alertOptions(0))
  assert.ok('flag' in (values.candidate as object) && 'z' in (values.host as object))
  assert.deepEqual(await decode(encodePacket(values, { schema, style: 'go', random: new Random(1) })), values)
})
