import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePositions } from '../../lib/cone/positions.ts'

test('takes the columns ra and dec of a table, wherever they are, and keeps its rows as written', () => {
  const text =
    '\ufeff# a comment\nname,DEC,"Ra",note\r\n\n M 31 ,41.2687, 10.6847 ,"a ""b"", c"\nM 33,+30:39:36,01:33:50.9,\n'
  assert.deepEqual(parsePositions(text, 'list.csv'), {
    columns: ['name', 'DEC', 'Ra', 'note'],
    positions: [
      { ra: 10.6847, dec: 41.2687, cells: ['M 31', '41.2687', '10.6847', 'a "b", c'] },
      { ra: ((3600 + 33 * 60 + 50.9) * 15) / 3600, dec: 30.66, cells: ['M 33', '+30:39:36', '01:33:50.9', ''] },
    ],
  })
})

test('takes the first two columns of a table without a header', () => {
  assert.deepEqual(parsePositions('217.5,-5.21,x\n0,90,y', 'list.csv'), {
    columns: ['ra', 'dec', 'column3'],
    positions: [
      { ra: 217.5, dec: -5.21, cells: ['217.5', '-5.21', 'x'] },
      { ra: 0, dec: 90, cells: ['0', '90', 'y'] },
    ],
  })
})

test("takes VizieR's names", () => {
  const { positions } = parsePositions('_RAJ2000,_DEJ2000,z\n1,2,3\n', 'list.csv')
  assert.deepEqual(positions, [{ ra: 1, dec: 2, cells: ['1', '2', '3'] }])
})

const HEADER = 'a header with ra and dec, then positions such as 217.5,-5.21 or 14:30:00,-05:12:36'
for (const [what, text, message] of [
  ['an empty file', ' \n# nothing\n', `list.csv has no positions: expected ${HEADER}`],
  ['a header alone', 'ra,dec\n', `list.csv has no positions: expected ${HEADER}`],
  ['a header without dec', 'ra,decl\n1,2\n', `list.csv, line 1 has 'ra,decl': expected ${HEADER}`],
  ['names', 'M 31\nM 33\n', `list.csv, line 1 has 'M 31': expected ${HEADER}`],
  ['a line that is too short', 'id,ra,dec\na,1,2\nb,3\n', 'list.csv, line 3 has 2 columns: expected 3'],
  [
    'a right ascension that is none',
    'id,ra,dec\na,1,2\n\nb,abc,3\n',
    "list.csv, line 4: ra is 'abc': expected degrees such as 217.5, or hours such as 14:30:00",
  ],
  ['a declination out of range', '1,2\n1,91\n', "list.csv, line 2: dec is '91': expected degrees from -90 to 90"],
] as const)
  test(`refuses ${what} in one sentence`, () => {
    assert.throws(() => parsePositions(text, 'list.csv'), { message })
  })
