import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseNames, readNames } from '../../lib/curve/names.ts'
import { temporaryFolder } from '../support/folder.ts'

const [A, B, C] = ['ZTF18aaxcyzb', 'ZTF24abcdefg', 'ZTF17aaaedmd']

for (const [what, text] of [
  ['one name per line', `${A}\n${B}\n${C}`],
  [
    'blank lines, comments and the ends of lines of Windows',
    `\ufeff# mine\r\n\r\n${A}\r\n  ${B} # the best\r\n\t\n#${A}\n${C}\n`,
  ],
  ['a heading of one column', `objectId\n${A}\n${B}\n${C}\n`],
  ['a column objectId', `ra,objectId,dec\n1,${A},2\n3,${B},4\n5,${C},6\n`],
  ['a column oid, quoted', `"class, broad","OID"\n"SN, Ia",${A}\n"a ""b""","${B}"\n,${C}\n`],
  ['a column object_id', `n, object_id\n1, ${A}\n2, ${B}\n3, ${C}\n`],
  ['a heading without any of these', `name,ra1,dec1\n${A},1,2\n${B},3,4\n${C},5,6\n`],
  ['a table without a heading', `${A},1,2\n${B},3,4\n${C},,\n`],
  ['a table of make curve FORMAT=ecsv', `# %ECSV 1.0\n# ---\nobjectId,jd\n${A},1\n${B},2\n${C},3\n`],
] as const)
  test(`a list may have ${what}`, () => assert.deepEqual(parseNames(text, 'names.csv'), [A, B, C]))

for (const [what, text, message] of [
  ['a broken name', `# mine\n${A}\nZTF18aaxcyz\n`, "line 3 has 'ZTF18aaxcyz'"],
  ['a broken name in the first line', `SN2011fe\n${A}\n`, "line 1 has 'SN2011fe'"],
  ['a broken name in the first line of a table', `SN2011fe,1\n${A},2\n`, "line 1 has 'SN2011fe'"],
  ['a line that is too short', `n,oid\n1,${A}\n2\n`, "line 3 has ''"],
  ['two names in a line', `${A} ${B}\n`, `line 1 has '${A} ${B}'`],
  ['control characters', `\u001b[31m${A}\n`, `line 1 has '\\u{1b}[31m${A}'`],
  ['a very long line', 'x'.repeat(100_000), `line 1 has '${'x'.repeat(39)}…'`],
] as const)
  test(`${what} is an error with the line`, () => {
    assert.throws(() => parseNames(text, 'names.csv'), {
      message: `names.csv, ${message}: expected the name of an object, such as ZTF18aaxcyzb`,
    })
  })

test('a list without names is an error', () => {
  for (const text of ['', '\n# nothing\n', 'objectId\n'])
    assert.throws(() => parseNames(text, 'names.csv'), {
      message: 'names.csv has no names of objects, expected one per line',
    })
})

test('a list is read from a file', async t => {
  const path = join(await temporaryFolder(t), 'names.csv')
  await assert.rejects(readNames(path), { code: 'ENOENT', path })
  await writeFile(path, `${A}\n`)
  assert.deepEqual(await readNames(path), [A])
})
