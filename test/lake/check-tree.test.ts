import assert from 'node:assert/strict'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkTree, isForeignManifest, moveToOrphans, type TreeFaults } from '../../lib/lake/check-tree.ts'
import { hidden } from '../../lib/lake/publish.ts'
import { partition } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'
import { ORPHANS } from '../support/orphans.ts'

const TARBALL = makeNight({ night: '20191003', alerts: 7 })
const FIRST = nightOf(TARBALL.name)
const LAST = nightOf('ztf_public_20210401.tar.gz')

for (const [what, [make, path]] of Object.entries(ORPHANS))
  test(`finds ${what} and nothing else`, async t => {
    const { paths, search } = await searchedLake(t)
    assert.equal((await search()).orphans.size, 0)
    const orphan = `lake/${await make(paths, path)}`
    const { orphans, incomplete, leftovers } = await search()
    assert.deepEqual([[...orphans.keys()], incomplete.size, leftovers.length], [[orphan], 0, 0])
    const inPartition = dirname(join(paths.data, orphan)) === paths.partition(FIRST)
    assert.equal((await search(() => false)).orphans.size, inPartition ? 0 : 1)
  })

test('accepts a month that is a link to another disk, and searches it', async t => {
  const { paths, search } = await searchedLake(t)
  const month = dirname(paths.partition(FIRST))
  await cp(month, join(paths.data, 'elsewhere'), { recursive: true })
  await rm(month, { recursive: true })
  await symlink(join(paths.data, 'elsewhere'), month)
  assert.equal((await search()).orphans.size, 0)
  await writeFile(join(paths.partition(FIRST), 'x'), '')
  assert.deepEqual(
    [...(await search()).orphans],
    [['lake/year=2019/month=10/day=03/x', 'is not a file of a night of that date']],
  )
})

test('reports temporary files of an interrupted run as leftovers', async t => {
  const { paths, search } = await searchedLake(t)
  await mkdir(join(paths.staging, LAST.stem), { recursive: true })
  // The staging folder of earlier versions.
  await mkdir(join(paths.lake, '_building', LAST.stem), { recursive: true })
  await writeFile(`${paths.manifest(LAST)}.part`, '{')
  const { orphans, leftovers } = await search()
  assert.deepEqual(
    [orphans.size, leftovers.toSorted()],
    [0, [`lake/_building/${LAST.stem}`, `lake/_manifest/${LAST.stem}.json.part`, `lake/_staging/${LAST.stem}`]],
  )
})

test('reports a night with files and no manifest as incomplete', async t => {
  const { paths } = await searchedLake(t)
  const { orphans, incomplete } = await checkTree(paths, () => true, new Map())
  assert.deepEqual([orphans.size, [...incomplete]], [0, [FIRST.stem]])
})

test('finds a file of the candidates table whose night has neither a manifest nor files in the lake', async t => {
  const { paths } = await searchedLake(t)
  await rm(paths.partition(FIRST), { recursive: true })
  const { orphans, incomplete } = await checkTree(paths, () => true, new Map())
  assert.deepEqual(
    [[...orphans], incomplete.size],
    [[[`candidates/${partition(FIRST)}/${FIRST.stem}.parquet`, 'belongs to a night that is not in the lake']], 0],
  )
})

test('tolerates any file of a night whose manifest is unreadable', async t => {
  const { paths } = await searchedLake(t)
  await writeFile(join(paths.partition(FIRST), `${FIRST.stem}-9999.parquet`), '')
  const { orphans, incomplete } = await checkTree(paths, () => true, new Map([[FIRST.stem, undefined]]))
  assert.deepEqual([orphans.size, incomplete.size], [0, 0])
})

test('finds the files that a crash has left of a moved night, and nothing if there are none', async t => {
  const { paths } = await searchedLake(t)
  const manifests = new Map([[FIRST.stem, await move(paths, TARBALL)]])
  const search = () => checkTree(paths, () => true, manifests)
  assert.deepEqual([(await search()).orphans.size, (await search()).incomplete.size], [0, 0])
  const [left, unfinished, other] = [parquetOf(TARBALL), hidden(parquetOf(TARBALL)), `${FIRST.stem}-9999.parquet`]
  for (const name of [left, unfinished, other]) await writeFile(join(paths.partition(FIRST), name), '')
  const { orphans, leftovers } = await search()
  const folder = `lake/${partition(FIRST)}`
  assert.deepEqual(Object.fromEntries(orphans), {
    [`${folder}/${left}`]: `belongs to a night that was moved to ${ADDRESS}`,
    [`${folder}/${other}`]: 'is not in the manifest',
  })
  assert.deepEqual(leftovers, [`${folder}/${unfinished}`])
})

test('recognizes the broken manifest of a moved night as its own by its candidates file', async t => {
  const { paths } = await searchedLake(t)
  await move(paths, TARBALL)
  await writeFile(paths.manifest(FIRST), '{}')
  assert.equal(await isForeignManifest(paths, FIRST), false)
  await rm(paths.candidatesFile(FIRST))
  assert.equal(await isForeignManifest(paths, FIRST), true)
})

test('moves an orphan under a name that is not taken', async t => {
  const { paths } = await searchedLake(t)
  for (const [text, name] of [
    ['one', 'notes.txt'],
    ['two', 'notes.txt-2'],
    ['three', 'notes.txt-3'],
  ] as const) {
    await writeFile(join(paths.data, 'notes.txt'), text)
    assert.equal(await moveToOrphans(paths, 'notes.txt'), join(paths.orphans, name))
    assert.equal(await readFile(join(paths.orphans, name), 'utf8'), text)
  }
})

type Search = (selection?: (date: string) => boolean) => Promise<TreeFaults>

/** A lake of one night, and a search for files that are not in its manifest. */
async function searchedLake(t: TestContext): Promise<{ paths: Paths; search: Search }> {
  const paths = await dataFolder(t)
  const recorded = new Map([[FIRST.stem, await convert(paths, TARBALL)]])
  return { paths, search: (selection = () => true) => checkTree(paths, selection, recorded) }
}
