import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { convert, dataFolder } from '../support/data-folder.ts'
import { makeNight } from '../support/night.ts'
import { type RunOptions, run } from '../support/run.ts'

test('make passes SQL on verbatim: neither make nor a shell interprets it', async t => {
  const paths = await dataFolder(t)
  await convert(paths, makeNight({ night: '20180713', alerts: 1, edges: 0 }))
  const marker = join(paths.data, 'executed')
  const odd = `$(shell touch ${marker}) \`touch ${marker}\` $$ $x \${HOME} # % \\ "q" , ; && || ; touch ${marker}; é`
  const sql = `select '${odd}' as odd,\n  'it''s' as quote -- a comment`
  for (const [args, options] of [
    [[`Q=${sql}`], {}],
    [[], { env: { Q: sql } }],
    [[], { input: sql }],
  ] as [string[], RunOptions][]) {
    const { status, out, err } = await run('make', ['sql', `DATA=${paths.data}`, 'FORMAT=json', ...args], options)
    assert.deepEqual([status, err], [0, ''])
    assert.deepEqual(JSON.parse(out), [{ odd, quote: "it's" }])
  }
  const { err } = await run('make', ['-n', 'lake', `DATA=${paths.data}`], { env: { Q: sql } })
  assert.equal(err, '')
  assert.ok(!existsSync(marker))
})
