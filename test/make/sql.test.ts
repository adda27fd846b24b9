import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { listNames } from '../../lib/core/files.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { makeNight } from '../support/night.ts'
import { type RunOptions, run, start, untilHolds } from '../support/run.ts'

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

test('reports an output that cannot be written', { skip: !existsSync('/dev/full') }, async t => {
  const paths = await dataFolder(t)
  await convert(paths, makeNight({ night: '20180713', alerts: 1, edges: 0 }))
  for (const FORMAT of ['table', 'csv']) {
    const line = `make sql DATA='${paths.data}' Q='select 1' FORMAT=${FORMAT} > /dev/full`
    const { status, err } = await run('sh', ['-c', line])
    assert.equal(status, 2)
    assert.match(err, /^error: cannot write to standard output: no space left on device\nmake: \*\*\* .*\n$/)
  }
})

test('fails with the error of the query in every format', async t => {
  const paths = await dataFolder(t)
  await convert(paths, makeNight({ night: '20180713', alerts: 1, edges: 0 }))
  for (const FORMAT of ['table', 'csv', 'json']) {
    const { status, err } = await run('make', [
      'sql',
      `DATA=${paths.data}`,
      'Q=select nope from nights',
      `FORMAT=${FORMAT}`,
    ])
    assert.deepEqual([status, /^error: .*nope/.test(err)], [2, true], err)
  }
})

test('ends with its make, even in the middle of a query', async t => {
  const paths = await dataFolder(t)
  await convert(paths, makeNight({ night: '20180713', alerts: 1, edges: 0 }))
  const Q = 'select count(*) from range(1000000000) a, range(1000000000) b'
  const make = start('make', ['sql', `DATA=${paths.data}`, `Q=${Q}`])
  const isOpen = async () => (await listNames(paths.temporary)).some(name => name.startsWith('ztf-lake-'))
  await untilHolds(make, isOpen)
  make.child.kill('SIGKILL')
  // Resolves once the query's process has ended, which has the same output.
  const { err } = await make.ran
  assert.match(err, /^error: make has ended, so this stops/)
  assert.equal(await isOpen(), false)
})
