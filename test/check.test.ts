import assert from 'node:assert/strict'
import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkNight } from '../lib/check.ts'
import type { Manifest } from '../lib/manifest.ts'
import type { Paths } from '../lib/paths.ts'
import { convert, dataFolder, nightOf } from './support/data-folder.ts'
import { emptyNight, makeNight } from './synthetic/night.ts'

const NIGHT = nightOf('ztf_public_20191003.tar.gz')

test('a night as it was written is right, and another tarball of its date is no matter', async t => {
  const { paths, manifest } = await threeFiles(t)
  const other = makeNight({ night: NIGHT.date, kind: 'programid3', alerts: 3 })
  const others = await convert(paths, other)
  await checkNight(paths, NIGHT, manifest)
  await checkNight(paths, nightOf(other.name), others)
})

test('an empty night is right, which has no partition', async t => {
  const paths = await dataFolder(t)
  const empty = emptyNight('20200101', 'tar')
  await checkNight(paths, nightOf(empty.name), await convert(paths, empty))
})

const SECOND = `${NIGHT.stem}-0001.parquet`

/** What may become of a night's files, and what is then said of which. */
const FAULTS: Record<string, [spoil: (folder: string) => Promise<void>, name: string, fault: RegExp]> = {
  'a flipped bit': [
    async folder => {
      const bytes = await readFile(join(folder, SECOND))
      const middle = bytes.length >> 1
      bytes[middle] = (bytes[middle] as number) ^ 1
      await writeFile(join(folder, SECOND), bytes)
    },
    SECOND,
    /has the SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}/,
  ],
  'a file that is cut': [folder => truncate(join(folder, SECOND), 1000), SECOND, /has 1000 bytes, expected \d+/],
  'a file that is gone': [folder => rm(join(folder, SECOND)), SECOND, /is not there, expected \d+ bytes/],
  'a partition that is gone': [
    folder => rm(folder, { recursive: true }),
    `${NIGHT.stem}-0000.parquet`,
    /is not there, expected \d+ bytes/,
  ],
  'a file too many': [
    folder => copyFile(join(folder, SECOND), join(folder, `${NIGHT.stem}-0003.parquet`)),
    `${NIGHT.stem}-0003.parquet`,
    /is there, expected no file but those of its manifest/,
  ],
  'two files that changed places': [
    async folder => {
      const [first, third] = ['0000', '0002'].map(number => join(folder, `${NIGHT.stem}-${number}.parquet`))
      await rename(first as string, join(folder, 'aside'))
      await rename(third as string, first as string)
      await rename(join(folder, 'aside'), third as string)
    },
    `${NIGHT.stem}-0000.parquet`,
    /has (\d+ bytes, expected \d+|the SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64})/,
  ],
}

for (const [what, [spoil, name, fault]] of Object.entries(FAULTS))
  test(`${what} is found, in one sentence that says which, what was expected and what to do`, async t => {
    const { paths, manifest } = await threeFiles(t)
    const folder = paths.partition(NIGHT)
    await spoil(folder)
    const found = await checkNight(paths, NIGHT, manifest).then(
      () => '',
      (error: Error) => error.message,
    )
    const [start, end] = [`${join(folder, name)} `, ': run make repair']
    assert.ok(found.startsWith(start) && found.endsWith(end), found)
    assert.match(found.slice(start.length, -end.length), new RegExp(`^${fault.source}$`))
  })

test('a file with other rows than the manifest says is found, be its bytes those of the record', async t => {
  const { paths, manifest } = await threeFiles(t)
  const files = manifest.files.map(file => ({ ...file, alerts: file.alerts + 1 }))
  await assert.rejects(checkNight(paths, NIGHT, { ...manifest, members: 23, alerts: 23, files }), /-0000\.parquet has 7 rows, expected 8: /)
})

async function threeFiles(t: TestContext): Promise<{ paths: Paths; manifest: Manifest }> {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, makeNight({ night: NIGHT.date, alerts: 20 }), { alertsPerFile: 7 })
  assert.equal(manifest.files.length, 3)
  return { paths, manifest }
}
