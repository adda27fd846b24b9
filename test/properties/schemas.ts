import { fc } from './cases.ts'

/** Names that are code, are inherited by every object, break a path or line, or clash with other columns. */
export const FIELD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'then',
  'a; process.exit(9)',
  'x){}process.exit(9);//',
  "x'];process.exit(9);//",
  '`+process.exit(9)+`',
  '',
  ' ',
  'a.b',
  'candidate.jd',
  'žluť',
  '1a',
  '../../a',
  'line\nbreak',
  '\u001b[2J',
  '\u202eavro',
  'n'.repeat(101),
  'n'.repeat(5000),
  'year',
  'Month',
  'CANDID',
  'candidate',
  'magpsf',
  'magpsf_double',
  'publisher_record',
  'class',
  'NaN',
]

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes']
const INVALID_TYPES = [
  'constructor',
  '__proto__',
  'toString',
  'record',
  'array',
  'error',
  'x',
  '',
  'alert',
  '.int',
  'a..b',
]

const plainName = fc.integer({ min: 0, max: 999 }).map(number => `n${number}`)
const name = fc.oneof({ weight: 8, arbitrary: plainName }, { weight: 1, arbitrary: fc.constantFrom(...FIELD_NAMES) })
/** Names of types. avsc, the oracle, takes one that every object has for the name of another type. */
const typeName = name.filter(text => !(text in {}))
const size = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(-1, 2 ** 31 - 1, 2 ** 31, 1e300, '7', null))

/** Types as JSON: mostly valid Avro, some almost valid. */
const { type } = fc.letrec<{ type: unknown; field: unknown }>(tie => ({
  field: fc.record({ name, type: tie('type'), default: fc.constantFrom(null, 0, undefined) }),
  type: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 8, arbitrary: fc.constantFrom(...PRIMITIVES) },
    { weight: 1, arbitrary: fc.constantFrom(...INVALID_TYPES) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 2 }).map(text => JSON.parse(text)) },
    { weight: 2, arbitrary: tie('type').map(items => ({ type: 'array', items })) },
    { weight: 1, arbitrary: tie('type').map(values => ({ type: 'map', values })) },
    { weight: 3, arbitrary: tie('type').map(inner => ['null', inner]) },
    { weight: 1, arbitrary: fc.array(tie('type'), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('fixed'), name: typeName, size }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('enum'),
        name: typeName,
        symbols: fc.array(fc.oneof(name, fc.constant(['A']))),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constantFrom('record', 'error'),
        name: typeName,
        fields: fc.array(tie('field'), { maxLength: 5 }),
      }),
    },
  ),
}))

const fields = fc.array(fc.record({ name, type }), { maxLength: 6 })

/** Alert schemas with unknown fields. */
export const schemas: fc.Arbitrary<string> = fc
  .record({ fields, version: fc.constantFrom('3.3', '__proto__', 'constructor', 7, undefined) })
  .map(({ fields: unknown, version }) =>
    JSON.stringify({
      type: 'record',
      name: 'alert',
      version,
      fields: [{ name: 'candid', type: 'long' }, ...unknown],
    }),
  )

/** Schemas that would use too much memory: deeply nested, recursive, exponential, wide or long. */
export const EXPLODING: Readonly<Record<string, string>> = {
  brackets: '['.repeat(100_000),
  arrays: `${'{"type":"array","items":'.repeat(3000)}"int"${'}'.repeat(3000)}`,
  unclosed: '{"type":"record","name":"alert","fields":['.repeat(5000),
  doublings: doublings(40),
  recursion: alertOf({ name: 'next', type: ['null', 'alert'] }),
  wide: alertOf(...Array.from({ length: 5000 }, (_, i) => ({ name: `f${i}`, type: 'int' }))),
  columns: alertOf(...Array.from({ length: 257 }, (_, i) => ({ name: `f${i}`, type: 'int' }))),
  doc: alertOf({ name: 'f', type: 'int', doc: 'x'.repeat(300_000) }),
}

function alertOf(...others: object[]): string {
  return JSON.stringify({ type: 'record', name: 'alert', fields: [{ name: 'candid', type: 'long' }, ...others] })
}

/** Nested records, each of which contains the previous one twice. */
function doublings(count: number): string {
  let type: unknown = 'int'
  for (let i = 0; i < count; i++) {
    const fields = [
      { name: 'a', type },
      { name: 'b', type: i === 0 ? 'int' : `r${i - 1}` },
    ]
    type = { type: 'record', name: `r${i}`, fields }
  }
  return alertOf({ name: 'f', type })
}
