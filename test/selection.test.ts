import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSelection } from '../lib/selection.ts'

const DATES = ['20180601', '20191231', '20200101', '20200131', '20200201', '20200331', '20201231', '20210101']

const SELECTED: Record<string, string[]> = {
  '': DATES,
  ' ': DATES,
  '20200101': ['20200101'],
  '202001': ['20200101', '20200131'],
  '2020': ['20200101', '20200131', '20200201', '20200331', '20201231'],
  '20200101..20200331': ['20200101', '20200131', '20200201', '20200331'],
  '2019..202001': ['20191231', '20200101', '20200131'],
  '20180601, 202002,2021': ['20180601', '20200201', '20210101'],
  '2020,20200101': ['20200101', '20200131', '20200201', '20200331', '20201231'],
  '2017': [],
}

for (const [text, dates] of Object.entries(SELECTED))
  test(`selects the dates of NIGHTS '${text}'`, () => assert.deepEqual(DATES.filter(parseSelection(text)), dates))

for (const text of [
  '20',
  '20201',
  '202013',
  '20200100',
  '20200132',
  '20200230',
  '20230229',
  '20200101..20200431',
  '2020-01-01',
  '2020,',
  ',',
  '20200331..20200101',
  '2020..',
  '..2020',
  '2018..2019..2020',
  'all',
  '2020 2021',
  '２０２０',
])
  test(`refuses NIGHTS '${text}', and names the invalid part`, () => {
    const part = text.split(',').at(-1)
    assert.throws(() => parseSelection(text), new RegExp(`^Error: NIGHTS has '[^\n]*${part}': expected [^\n]+$`))
  })

for (const [text, expected] of [
  ['2020-01-07', '20200107, without dashes'],
  ['20200132', 'an existing date, but 20200132 does not exist'],
  ['202013', 'an existing date, but 202013 does not exist'],
  ['2019..2018', 'the earlier date first: 2018..2019'],
] as const)
  test(`says what is wrong with NIGHTS '${text}'`, () => {
    assert.throws(() => parseSelection(text), { message: `NIGHTS has '${text}': expected ${expected}` })
  })
