import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSettings, SETTINGS } from '../lib/settings.ts'
import { PROJECT } from './support/run.ts'

const MALFORMED: [name: string, ...texts: string[]][] = [
  ['NIGHTS', '2020-01-01', 'yesterday'],
  ['ARCHIVE', 'ftp://example.org/', 'example.org', '/srv/archive', 'http://'],
  ['MIN_SIZE', '1X', '-5', '1G2', 'G', '1e9'],
  ['GROUP', '0', '-1', '2.5', 'five', '0x10', '1e3'],
  ['FORCE', 'true', '1', 'YES'],
  ['CONNECTIONS', '0', '17', 'x'],
  ['KEEP_TARS', 'false', 'No', '0'],
  ['AHEAD', '-1', '5X', 'G', '1e2', 'none'],
  ['WORKERS', '-1', '1.5', '1025', 'all'],
  ['ELEMENTS', '0', '1001', 'many'],
  ['ALERTS_PER_FILE', '0', '1000001', '3k'],
  ['CORES', '-1', '1025', 'x'],
  ['NODES', '0', '2.5', 'all'],
  ['LINK', '0', '1G', '2.5'],
  ['DISK', '0', '-5', 'fast'],
  ['CODEC', 'gzip', 'SNAPPY', 'zstd,lz4'],
  ['FORMAT', 'xml', 'CSV'],
  ['OBJECT', 'SN2011fe', 'ZTF18aaxcyz', "ZTF18aaxcyzb' or true --", '../ZTF18aaxcyzb', 'ZTF18AAXCYZB'],
  ['CANDID', '-1', '516401800615', '5164018006150151140000', '516401800615015114 or true', '5.16e17'],
  ['PNG', 'true', 'page.png'],
]

for (const [name, ...texts] of MALFORMED)
  test(`a malformed ${name} is refused in one sentence that names it`, () => {
    for (const text of texts)
      assert.throws(() => readSettings({ [name]: text }), new RegExp(`^Error: ${name} [^\n]+: expected [^\n]+$`), text)
  })

test('every setting has its default, and an empty one too', () => {
  const { NIGHTS, ARCHIVE, ...rest } = readSettings({})
  assert.equal(ARCHIVE.href, 'https://ztf.uw.edu/alerts/public/')
  assert.equal(NIGHTS('20200101'), true)
  assert.deepEqual(rest, {
    DATA: 'data',
    URIS: 'uris',
    LISTING: '',
    MIN_SIZE: 0,
    GROUP: 5,
    FORCE: 'no',
    CONNECTIONS: 1,
    KEEP_TARS: 'yes',
    DEEP: false,
    AHEAD: 100 * 2 ** 30,
    WORKERS: availableParallelism(),
    LAUNCHER: '',
    ELEMENTS: 64,
    ALERTS_PER_FILE: 3000,
    CODEC: 'snappy',
    Q: '',
    FORMAT: 'table',
    OUT: '',
    OBJECT: '',
    CANDID: '',
    PNG: false,
    BENCH: { alerts: 24000, rows: ['inflate', 'original', 'lake', 'tiny', 'uris', 'all'] },
    CORES: availableParallelism(),
    NODES: 1,
    LINK: 300e6,
    DISK: 1e9,
  })
  const blank = readSettings(Object.fromEntries(Object.keys(SETTINGS).map(name => [name, ' '])))
  assert.deepEqual({ ...blank, NIGHTS, ARCHIVE }, { ...rest, NIGHTS, ARCHIVE })
})

test('settings are what their text says', () => {
  const env = { DATA: '/disk/ztf//', ARCHIVE: 'http://localhost:80/a', MIN_SIZE: '1.5G', WORKERS: ' 3 ', CODEC: 'lz4' }
  const { DATA, ARCHIVE, MIN_SIZE, WORKERS, CODEC } = readSettings(env)
  assert.deepEqual(
    [DATA, ARCHIVE.href, MIN_SIZE, WORKERS, CODEC],
    ['/disk/ztf', 'http://localhost/a/', 1.5 * 2 ** 30, 3, 'lz4'],
  )
  for (const [AHEAD, bytes] of Object.entries({
    0: 0,
    2: 2 ** 31,
    0.5: 2 ** 29,
    '300K': 300 * 1024,
    '1.5GiB': 1.5 * 2 ** 30,
  }))
    assert.equal(readSettings({ AHEAD }).AHEAD, bytes, AHEAD)
  assert.equal(readSettings({ DATA: '/' }).DATA, '/')
})

test('without WORKERS there are no more than Slurm was asked for', t => {
  const { SLURM_CPUS_PER_TASK: before } = process.env
  t.after(() => {
    delete process.env.SLURM_CPUS_PER_TASK
    if (before) process.env.SLURM_CPUS_PER_TASK = before
  })
  process.env.SLURM_CPUS_PER_TASK = '1'
  assert.deepEqual([readSettings({}).WORKERS, readSettings({ WORKERS: '3' }).WORKERS], [1, 3])
})

test('the Makefile knows the same settings', async () => {
  const [, names] = /^SETTINGS := ((?:.+\\\n)?.+)$/m.exec(await readFile(join(PROJECT, 'Makefile'), 'utf8')) ?? []
  assert.deepEqual(names?.split(/[\s\\]+/), Object.keys(SETTINGS))
})
