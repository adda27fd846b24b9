import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COLUMNS } from '../../lib/curve/columns.ts'
import { type TextFormat, textOf } from '../../lib/curve/format.ts'
import { curve } from '../support/curves.ts'

const CURVES = [
  curve('ZTF18aaxcyzb', [
    { jd: 2458300.7084491, magpsf: Math.fround(18.3919), isdiffpos: 'a,"b"', candid: 500178444615010000n, fid: 2 },
    { jd: 2458301, kind: 'limit', diffmaglim: 20.5 },
  ]),
  curve('ZTF24abcdefg', [{ jd: 2460000, kind: 'forced', forcediffimflux: Math.fround(-1.5e-7) }]),
]

test('CSV has a heading, and empty cells for missing values', async () => {
  const [heading = '', ...lines] = (await format(CURVES, 'csv')).split('\n')
  assert.equal(heading, COLUMNS.map(({ name }) => name).join(','))
  const shown = ['objectId', 'jd', 'fid', 'kind', 'magpsf', 'isdiffpos', 'forcediffimflux', 'candid']
  const isShown = heading.split(',').map(name => shown.includes(name))
  assert.deepEqual(
    lines.map(line => cells(line).filter((cell, i) => isShown[i] ?? cell)),
    [
      ['ZTF18aaxcyzb', '2458300.7084491', '2', 'detection', '18.3919', '"a,""b"""', '', '500178444615010000'],
      ['ZTF18aaxcyzb', '2458301', '', 'limit', '', '', '', ''],
      ['ZTF24abcdefg', '2460000', '', 'forced', '', '', '-1.5e-7', ''],
      [''],
    ],
  )
})

test('ECSV is the CSV after a header with types and units', async () => {
  const lines = (await format(CURVES, 'ecsv')).split('\n')
  const header = lines.filter(line => line.startsWith('#'))
  assert.equal(lines.slice(header.length).join('\n'), await format(CURVES, 'csv'))
  assert.deepEqual([header[0], header.at(-1)], ['# %ECSV 1.0', '# schema: astropy-2.0'])
  const columns = header.filter(line => line.startsWith('# - {'))
  assert.equal(columns.length, COLUMNS.length)
  assert.ok(columns.some(line => line.startsWith('# - {name: magpsf, unit: mag, datatype: float32, description: "')))
  assert.ok(columns.some(line => line.startsWith('# - {name: candid, datatype: int64, description: "')))
})

test('JSON has null for missing values', async () => {
  const rows = JSON.parse(await format(CURVES, 'json')) as Record<string, unknown>[]
  assert.deepEqual(
    rows.map(({ objectId, jd, magpsf, isdiffpos, diffmaglim }) => [objectId, jd, magpsf, isdiffpos, diffmaglim]),
    [
      ['ZTF18aaxcyzb', 2458300.7084491, 18.3919, 'a,"b"', null],
      ['ZTF18aaxcyzb', 2458301, null, null, 20.5],
      ['ZTF24abcdefg', 2460000, null, null, null],
    ],
  )
  assert.deepEqual(
    Object.keys(rows[0] ?? {}),
    COLUMNS.map(({ name }) => name),
  )
  assert.match(await format(CURVES, 'json'), /"candid":500178444615010000,/)
})

test('each light curve is formatted as it arrives', async () => {
  const arrived: string[] = []
  async function* curves() {
    for (const made of CURVES) {
      arrived.push(made.objectId)
      yield made
    }
  }
  const text = textOf(curves(), 'csv')
  await text.next()
  assert.deepEqual(arrived, ['ZTF18aaxcyzb'])
})

async function format(curves: readonly ReturnType<typeof curve>[], textFormat: TextFormat): Promise<string> {
  async function* all() {
    yield* curves
  }
  let text = ''
  for await (const part of textOf(all(), textFormat)) text += part
  return text
}

function cells(line: string): string[] {
  return line.match(/("([^"]|"")*"|[^,])+|(?<=^|,)(?=,|$)/g) ?? []
}
