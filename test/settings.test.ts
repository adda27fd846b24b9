import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { chosenFormat, readConfig, readSettings, SETTINGS, settingsForTasks, settingText } from '../lib/settings.ts'
import { temporaryFolder } from './support/folder.ts'

const MALFORMED: [name: string, ...texts: string[]][] = [
  ['NIGHTS', '2020-01-01', 'yesterday'],
  ['DATA', 'a\\b'],
  ['URIS', '/disk/a\\b'],
  ['ARCHIVE', 'ftp://example.org/', 'example.org', '/srv/archive', 'http://'],
  ['MIN_SIZE', '1X', '-5', '1G2', 'G', '1e9'],
  ['URLS_PER_LIST', '0', '-1', '2.5', 'five', '0x10', '1e3'],
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
  ['OBJECT', 'SN2011fe', 'ZTF18aaxcyz', "ZTF18aaxcyzb' or true --", '../ZTF18aaxcyzb', 'ZTF18AAXCYZB', 'ZTF18aaxcyzb,'],
  ['CANDID', '-1', '516401800615', '5164018006150151140000', '516401800615015114 or true', '5.16e17'],
  ['MEMORY', '4X', '-1', 'half', '99999999T'],
  ['RA', 'abc', '-1', '360', '24:00:00', '14:60:00', '1 2'],
  ['DEC', 'abc', '91', '-90:00:01', '12:00', 'NaN'],
  ['RADIUS', '0', '-1', '1000000', '3601', 'wide', 'Infinity'],
  ['PNG', 'true', 'page.png'],
  ['ALL', 'true', 'nights'],
  ['DATA', '~', '~/ztf', '~ann/ztf', 'a\\b'],
  ['OUT', '~/answer.csv'],
]

for (const [name, ...texts] of MALFORMED)
  test(`refuses a malformed ${name} in one sentence that names it`, () => {
    for (const text of texts)
      assert.throws(
        () => readSettings({ [name]: text }, {}),
        new RegExp(`^Error: ${name} [^\n]+: expected [^\n]+$`),
        text,
      )
  })

test('refuses a password in ARCHIVE without showing it', () => {
  for (const text of ['http://user:s3cret@example.org/', 'ftp://user:s3cret@example.org/', 'https://:s3cret@[::1]/a@b'])
    assert.throws(
      () => readSettings({ ARCHIVE: text }, {}),
      (error: Error) => {
        assert.match(error.message, /^ARCHIVE contains a user name or a password: expected an address without them$/)
        return true
      },
    )
  assert.equal(readSettings({ ARCHIVE: 'http://example.org/a@b/' }, {}).ARCHIVE.pathname, '/a@b/')
})

test('gives every setting its default, also for an empty value', () => {
  const { NIGHTS, ARCHIVE, ...rest } = readSettings({}, {})
  assert.equal(ARCHIVE.href, 'https://ztf.uw.edu/alerts/public/')
  assert.equal(NIGHTS('20200101'), true)
  assert.deepEqual(rest, {
    DATA: 'data',
    URIS: 'uris',
    LISTING: '',
    MIN_SIZE: 0,
    URLS_PER_LIST: 5,
    FORCE: 'no',
    CONNECTIONS: 1,
    KEEP_TARS: 'yes',
    DEEP: false,
    AHEAD: 100 * 2 ** 30,
    ALL: false,
    WORKERS: availableParallelism(),
    LAUNCHER: '',
    ELEMENTS: 64,
    ALERTS_PER_FILE: 3000,
    CODEC: 'snappy',
    Q: '',
    FORMAT: '',
    OUT: '',
    MEMORY: 0,
    OBJECT: [],
    LIST: '',
    CANDID: '',
    RA: undefined,
    DEC: undefined,
    RADIUS: undefined,
    TO: '',
    AT: '',
    ENDPOINT: '',
    KEEP_LAKE: 'yes',
    QUICK: false,
    PNG: false,
    CORES: availableParallelism(),
    NODES: 1,
    LINK: 300e6,
    DISK: 1e9,
  })
  const blank = readSettings(Object.fromEntries(Object.keys(SETTINGS).map(name => [name, ' '])), {})
  assert.deepEqual({ ...blank, NIGHTS, ARCHIVE }, { ...rest, NIGHTS, ARCHIVE })
})

test('parses sizes, folders and addresses', () => {
  const env = { DATA: '/disk/ztf//', ARCHIVE: 'http://localhost:80/a', MIN_SIZE: '1.5G', WORKERS: ' 3 ', CODEC: 'lz4' }
  const { DATA, ARCHIVE, MIN_SIZE, WORKERS, CODEC } = readSettings(env, {})
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
    assert.equal(readSettings({ AHEAD }, {}).AHEAD, bytes, AHEAD)
  assert.equal(readSettings({ DATA: '/' }, {}).DATA, '/')
})

test('starts no more workers than the cores that Slurm has granted', t => {
  const { SLURM_CPUS_PER_TASK: before } = process.env
  t.after(() => {
    delete process.env.SLURM_CPUS_PER_TASK
    if (before) process.env.SLURM_CPUS_PER_TASK = before
  })
  process.env.SLURM_CPUS_PER_TASK = '1'
  assert.deepEqual([readSettings({}, {}).WORKERS, readSettings({ WORKERS: '3' }, {}).WORKERS], [1, 3])
})

test('reads values from config.mk, below the environment and above the defaults', async t => {
  const path = join(await temporaryFolder(t), 'config.mk')
  await writeFile(path, '# my site\n\nDATA = /big/disk  # the large one\nWORKERS := 3\nCODEC ?= zstd\nNIGHTS=\n')
  const config = readConfig(path)
  assert.deepEqual(config, { DATA: '/big/disk', WORKERS: '3', CODEC: 'zstd', NIGHTS: '' })
  const { DATA, WORKERS, CODEC } = readSettings({ WORKERS: '4', CODEC: '' }, config)
  assert.deepEqual([DATA, WORKERS, CODEC], ['/big/disk', 4, 'snappy'])
  assert.deepEqual(readConfig(join(path, 'absent')), {})
})

test('refuses a line of config.mk that is not a setting, and names it', async t => {
  const path = join(await temporaryFolder(t), 'config.mk')
  for (const [text, message] of [
    ['WORKRS = 3', /^Error: config\.mk, line 2 has WORKRS, which is not a setting: did you mean WORKERS\?$/],
    [
      'DATA = $(HOME)/ztf',
      /^Error: config\.mk, line 2 is 'DATA = \$\(HOME\)\/ztf': expected NAME = value, without \$$/,
    ],
    ['include other.mk', /^Error: config\.mk, line 2 is 'include other\.mk': expected NAME = value/],
    ['DATA = "/x/data"', /^Error: config\.mk, line 2 is 'DATA = "\/x\/data"': expected the value without quotes$/],
    ['DATA = a\0b', /^Error: config\.mk, line 2 has a NUL character: expected a text file$/],
    ...['toString', 'constructor', '__proto__'].map(
      name => [`${name} = 1`, new RegExp(`^Error: config\\.mk, line 2 has ${name}, which is not a setting`)] as const,
    ),
  ] as const) {
    await writeFile(path, `WORKERS = 3\n${text}\n`)
    assert.throws(() => readConfig(path), message)
  }
})

test('takes a quoted value of config.mk only for SQL and commands', async t => {
  const path = join(await temporaryFolder(t), 'config.mk')
  await writeFile(path, `Q = "my nights".sql\nLAUNCHER = 'srun' -N4\n`)
  assert.deepEqual(readConfig(path), { Q: '"my nights".sql', LAUNCHER: "'srun' -N4" })
})

test('refuses a config.mk that is not a file, without reading it', async t => {
  const folder = await temporaryFolder(t)
  execFileSync('mkfifo', [join(folder, 'config.mk')])
  for (const [path, kind] of [
    [folder, 'a folder'],
    [join(folder, 'config.mk'), 'a named pipe'],
  ] as const)
    assert.throws(() => readConfig(path), {
      message: `${path} is ${kind}, expected a file: move it, then run this again`,
    })
})

test("refuses an unknown variable on make's command line, whatever the values look like", () => {
  const MAKEFLAGS = 'n -j5 --jobserver-auth=3,4 -- Q=select\\ 1\\ WORKRS=2 NIGHTS=2020'
  assert.equal(readSettings({ MAKEFLAGS, WORKERS: '2' }, {}).WORKERS, 2)
  assert.throws(
    () => readSettings({ MAKEFLAGS: ` -- WORKRS=3` }, {}),
    /^Error: make's command line has WORKRS, which is not a setting: did you mean WORKERS\?$/,
  )
})

test('accepts the variables of make bench', () => {
  assert.equal(readSettings({ MAKEFLAGS: ' -- PEER=converter BENCH=lake' }, {}).DATA, 'data')
})

test('gives tasks on other hosts absolute folders, and leaves the number of workers to them', () => {
  const texts = settingsForTasks({ WORKERS: '0', DATA: 'data' }, { URIS: 'lists', CODEC: 'zstd' })
  assert.deepEqual([texts.WORKERS, texts.DATA, texts.URIS], ['0', resolve('data'), resolve('lists')])
  assert.equal(readSettings(texts, {}).CODEC, 'zstd')
})

test('the text of a setting is that of the environment, or else of config.mk', () => {
  const config = { NIGHTS: '2019' }
  const texts = [{ NIGHTS: ' 2020 ' }, {}].map(env => settingText('NIGHTS', env, config))
  assert.deepEqual([...texts, settingText('NIGHTS', {}, {})], ['2020', '2019', ''])
})

test("the default format is that of OUT or the command's first one, and others that it lacks are refused", () => {
  const formats = ['csv', 'ecsv', 'json'] as const
  for (const [FORMAT, OUT, expected] of [
    ['', '', 'csv'],
    ['json', 'x.csv', 'json'],
    ['', 'a/b.ecsv', 'ecsv'],
    ['', 'c.JSON', 'json'],
    ['', 'a.json/b', 'csv'],
    ['', 'x.parquet', 'csv'],
  ] as const)
    assert.equal(chosenFormat('make curve', { FORMAT, OUT }, formats), expected)
  assert.throws(() => chosenFormat('make curve', { FORMAT: 'table', OUT: '' }, formats), {
    message: "FORMAT is 'table': expected csv, ecsv, json for make curve",
  })
})

test('takes several objects with commas', () => {
  const { OBJECT } = readSettings({ OBJECT: 'ZTF18aaxcyzb, ZTF24abcdefg' }, {})
  assert.deepEqual(OBJECT, ['ZTF18aaxcyzb', 'ZTF24abcdefg'])
})
