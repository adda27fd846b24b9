import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { prompt } from '../../lib/query/prompt.ts'
import { VIEWS } from '../../lib/query/views.ts'

test('a statement may have several lines', async t => {
  const output = await typed(t, 'select count(*)::int as n\nfrom range(4)\nwhere range < 9;\n')
  assert.match(output, /ztf> .*\n? *-> .*n\n4\n\(1 row\)/s)
})

test('an error does not end the prompt', async t => {
  const output = await typed(t, 'selec;\nselect 7 as seven;\n')
  assert.match(output, /error: Parser Error: syntax error at or near "selec"\n/)
  assert.match(output, /seven\n {4}7\n\(1 row\)/)
})

for (const word of ['help', '.help', 'HELP;'])
  test(`${word} lists the views`, async t => {
    const output = await typed(t, `${word}\n`)
    for (const name of Object.keys(VIEWS)) assert.match(output, new RegExp(`^(ztf> )?${name} `, 'm'))
  })

for (const word of ['quit', '.quit', 'exit', 'exit;'])
  test(`${word} ends the prompt`, async t => {
    assert.doesNotMatch(await typed(t, `${word}\nselect 8 as eight;\n`), /^eight$/m)
  })

test('help and quit may be names in a statement of several lines', async t => {
  assert.match(await typed(t, 'select 1 as\nhelp\n, 2 as\nquit\n;\n'), /help +quit\n +1 +2\n/)
})

async function typed(t: TestContext, lines: string): Promise<string> {
  const database = await DuckDB.open()
  t.after(() => database.close())
  const [input, output] = [new PassThrough(), new PassThrough()]
  input.end(lines)
  const printed = text(output)
  await prompt(database, { input, output })
  output.end()
  return printed
}
