import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullForNaN } from '../../lib/query/json-null.ts'

const ROWS =
  '[\n\t{"a":NaN,"NaN":[-Infinity,1.5,{"b":Infinity}],"c":"NaN \\"-Infinity\\" \\\\"},\n\t{"a":NaN,"c":"é"}\n]\n'
const EXPECTED = [
  { a: null, NaN: [null, 1.5, { b: null }], c: 'NaN "-Infinity" \\' },
  { a: null, c: 'é' },
]

for (const size of [1, 2, 7, 50, 1000])
  test(`replaces numbers that JSON lacks, but not in strings, in pieces of ${size} characters`, async () => {
    assert.deepEqual(JSON.parse(await replaced(ROWS, size)), EXPECTED)
  })

test('leaves other text as it is', async () => {
  const rows = '[\n\t{"a":1e300},\n\t{"a":"Nancy"}\n]'
  assert.equal(await replaced(rows, 5), rows)
})

async function replaced(text: string, size: number): Promise<string> {
  const pieces = async function* () {
    for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size)
  }
  let result = ''
  for await (const piece of nullForNaN(pieces())) result += piece
  return result
}
