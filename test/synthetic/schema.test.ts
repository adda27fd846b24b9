import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parseSchema, type Shape } from '../../lib/alerts/schema.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { ARCHIVE, NO_ARCHIVE } from '../support/shared.ts'

test('orders and spaces JSON as the Python and Go writers do', () => {
  const python = schemaText({ version: '3.3', style: 'python' })
  const go = schemaText({ version: '3.3', style: 'go' })
  assert.match(python, /\["float", "null"\], "name": "drb", "default": null/)
  assert.match(go, /"default":null,"name":"drb","type":\["null","float"\]/)
  assert.match(go, /"name":"ztf.alert","type":"record","version":"3.3"}$/)
  assert.ok(
    python.includes('"name": "clrcoeff"') && !schemaText({ version: '1.8', style: 'python' }).includes('clrcoeff'),
  )
})

test('pads a schema to a given length with valid JSON', () => {
  for (const style of ['python', 'go'] as const) {
    const text = schemaText({ version: '3.3', style, length: 24_321 })
    assert.equal(text.length, 24_321)
    assert.equal(JSON.parse(text).version, '3.3')
  }
})

for (const [night, version, style] of [
  ['20180601', '1.8', 'python'],
  ['20181129', '3.1', 'python'],
  ['20190801', '3.3', 'python'],
  ['20210113', '3.3', 'go'],
  ['20240519', '4.02', 'go'],
] as const)
  test(`has the fields of the real schema: ${version}, ${style}`, { skip: NO_ARCHIVE }, () => {
    const tar = gunzipSync(readFileSync(join(ARCHIVE, `ztf_public_${night}.tar.gz`)))
    const real = tar.toString('latin1', tar.indexOf('{'), schemaEnd(tar))
    assert.deepEqual(outline(schemaText({ version, style })), outline(real))
  })

/** Paths and types of a schema's fields, sorted, because the order differs between real schemas. */
function outline(schema: string): string[] {
  const lines: string[] = []
  walk(parseSchema(schema).shape, '', lines)
  return lines.sort()
}

function walk(shape: Shape, path: string, lines: string[]): void {
  if (shape.kind === 'union') for (const branch of shape.branches) walk(branch, `${path}?`, lines)
  else if (shape.kind === 'array') walk(shape.of, `${path}[]`, lines)
  else if (shape.kind === 'record') for (const field of shape.fields) walk(field.shape, `${path}.${field.name}`, lines)
  else lines.push(`${path} ${shape.kind}`)
}

/** End of the first JSON object in `bytes`. */
function schemaEnd(bytes: Buffer): number {
  let depth = 0
  for (let position = bytes.indexOf('{'); position < bytes.length; position++) {
    if (bytes[position] === 0x7b) depth++
    if (bytes[position] === 0x7d && --depth === 0) return position + 1
  }
  throw new Error('no schema')
}
