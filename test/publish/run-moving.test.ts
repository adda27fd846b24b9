import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { listNames } from '../../lib/core/files.ts'
import { planIndex } from '../../lib/index/plan.ts'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { isOwnFile, type Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { REMOTE } from '../../lib/publish/remote-paths.ts'
import { listed, nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { makeEarlier } from '../support/index-lake.ts'
import { MemoryTarget } from '../support/memory-target.ts'
import { addNights, lakeToPublish, NIGHTS, publishable, publishTo, REVISIONS } from '../support/published.ts'
import { runScript } from '../support/run.ts'

const KINDS = ['objects', 'folders'] as const
const MOVING = { KEEP_LAKE: 'no' }
const ALL = NIGHTS.map(({ name }) => nightOf(name))
const WITH_ALERTS = ALL.slice(0, 4)
const NIGHT = ALL[3] as Night

for (const kind of KINDS) {
  test(`removes the nights that it has published: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const expected = await publishable(paths)
    const target = new MemoryTarget(kind)
    const { problems, lines } = await publishTo(target, paths, MOVING)
    assert.deepEqual(problems, [])
    assert.deepEqual(await here(paths), [])
    for (const night of WITH_ALERTS) assert.equal((await readManifest(paths, night))?.movedTo, target.address)
    const removed = lines.filter(line => /^published ztf_\w+ {2}\d+ files, .*\/s; removed here$/.test(line))
    assert.equal(removed.length, 4, lines.join('\n'))
    assert.ok(lines.includes(`4 nights moved to ${target.address}`), lines.join('\n'))
    const found = [...target.files].map(([path, bytes]) => [path, bytes.equals(expected.get(path) ?? Buffer.of())])
    assert.deepEqual(
      found.filter(([, isSame]) => !isSame),
      [],
    )
    assert.equal(found.length, expected.size)
    assert.deepEqual(await publishTo(target, paths, MOVING), { lines: [], problems: [] })
  })

  test(`reads the files of nights that were at the target before, and removes the nights: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    const read = new Set<string>()
    const get = target.get.bind(target)
    target.get = path => {
      read.add(path)
      return get(path)
    }
    target.before = operation => assert.fail(operation)
    const { problems, lines } = await publishTo(target, paths, MOVING)
    assert.deepEqual([problems, await here(paths)], [[], []])
    const files = [...target.files.keys()].filter(path => /^(lake|candidates)\/year=/.test(path))
    assert.ok(files.length > 10)
    assert.deepEqual(
      files.filter(path => !read.has(path)),
      [],
    )
    assert.equal(lines.filter(line => /^verified {2}ztf_.*; removed here$/.test(line)).length, 4)
  })

  test(`replaces damaged files at the target before it removes a night: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    const expected = new Map(target.files)
    const [path = assert.fail()] = [...target.files.keys()].filter(path => path.includes(`${NIGHT.stem}-`))
    const bytes = Buffer.from(target.files.get(path) as Buffer)
    bytes[20] = (bytes[20] as number) ^ 1
    target.files.set(path, bytes)
    const { problems, lines } = await publishTo(target, paths, MOVING)
    assert.deepEqual([problems, await here(paths)], [[], []])
    assert.ok(lines.some(line => line.startsWith(`damaged   ${target.address}/${path} has the SHA-256 `)))
    assert.deepEqual(new Map([...target.files].sort()), new Map([...expected].sort()))
    assert.equal((await readManifest(paths, NIGHT))?.movedTo, target.address)
  })

  test(`reads files that an earlier revision has recorded before it removes a night: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    await makeEarlier(paths)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    const [path = assert.fail()] = [...target.files.keys()].filter(path => path.includes(`${NIGHT.stem}-`))
    const bytes = Buffer.from(target.files.get(path) as Buffer)
    bytes[20] = (bytes[20] as number) ^ 1
    target.files.set(path, bytes)
    await addNights(paths, NIGHTS)
    const expected = (await publishable(paths)).get(path)
    await publishTo(target, paths, MOVING)
    assert.deepEqual(await here(paths), [])
    assert.deepEqual(target.files.get(path), expected)
  })

  test(`removes a night that was published again, whose manifest forgets the former move: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths, MOVING)
    await addNights(paths, REVISIONS)
    assert.equal((await here(paths)).length, 2)
    const { problems } = await publishTo(target, paths, MOVING)
    assert.deepEqual([problems, await here(paths)], [[], []])
    const [revised] = REVISIONS.map(listed)
    assert.equal((await readManifest(paths, WITH_ALERTS[0] as Night))?.md5, revised?.md5)
  })
}

test('replaces the manifest and the candidates file of a moved night, but cannot replace its other files', async t => {
  const paths = await lakeToPublish(t)
  const target = new MemoryTarget('objects')
  await publishTo(target, paths, MOVING)
  const expected = new Map(target.files)
  target.files.set(REMOTE.manifest(NIGHT), Buffer.from('corrupt'))
  target.files.delete(REMOTE.candidatesFile(NIGHT))
  assert.deepEqual((await publishTo(target, paths)).problems, [])
  assert.deepEqual(new Map([...target.files].sort()), new Map([...expected].sort()))
  const [path = assert.fail()] = [...expected.keys()].filter(path => path.includes(`${NIGHT.stem}-`))
  target.files.delete(path)
  const { lines } = await publishTo(target, paths)
  assert.ok(
    lines.some(line => /^FAILED .* it is missing or damaged at .*: to download it again, delete /.test(line)),
    lines.join('\n'),
  )
})

test('keeps a night whose file differs from its manifest, which cannot be published', async t => {
  const paths = await lakeToPublish(t)
  const [file = assert.fail()] = (await readManifest(paths, NIGHT))?.files ?? []
  await appendFile(join(paths.partition(NIGHT), file.name), 'x')
  const { problems } = await publishTo(new MemoryTarget('objects'), paths, MOVING)
  assert.equal(problems.length, 1)
  assert.deepEqual(await here(paths), [NIGHT.stem])
})

test('keeps nights that were moved to another target as they are', async t => {
  const paths = await lakeToPublish(t)
  const [first, second] = [new MemoryTarget('objects'), new MemoryTarget('folders')]
  await publishTo(first, paths, MOVING)
  const { lines } = await publishTo(second, paths, MOVING)
  assert.deepEqual(
    lines.filter(line => line.startsWith('FAILED')),
    [],
  )
  assert.equal((await readManifest(paths, NIGHT))?.movedTo, first.address)
})

test('says why a published night stays if it has no candidates file', async t => {
  const paths = await lakeToPublish(t)
  const { candidates, ...earlier } = (await readManifest(paths, NIGHT)) ?? assert.fail()
  await writeManifest(paths, NIGHT, earlier)
  const { problems, lines } = await publishTo(new MemoryTarget('objects'), paths, MOVING)
  assert.deepEqual(problems, [`1 night failed (${NIGHT.stem}): run make publish again`])
  const line = lines.find(line => line.startsWith('FAILED')) ?? ''
  assert.match(line, /it was published, but not removed here: \S+ has no candidates file, /)
  assert.deepEqual(await here(paths), [NIGHT.stem])
})

test('make publish KEEP_LAKE=no leaves current lists and no empty partition, and finishes the moves of a killed run', async t => {
  const paths = await lakeToPublish(t)
  const [killed = assert.fail()] = ALL
  const manifest = (await readManifest(paths, killed)) ?? assert.fail()
  await writeManifest(paths, killed, { ...manifest, movedTo: '/mnt/other' })
  const TO = join(await temporaryFolder(t), 'target')
  const settings = { DATA: paths.data, TO, KEEP_LAKE: 'no' }
  const preview = await runScript('publish', { ...settings, MAKEFLAGS: 'n' })
  assert.equal(preview.out, [...WITH_ALERTS.slice(1), ALL[4]].map(night => `publish ${night?.stem}\n`).join(''))
  const { status, err, out } = await runScript('publish', settings)
  assert.deepEqual([status, /^error: 1 night moved to \/mnt\/other cannot be published /.test(err)], [1, true])
  assert.match(out, /^3 nights moved to /m)
  assert.deepEqual(
    [await here(paths), (await listNames(paths.lake)).filter(name => name.startsWith('year='))],
    [[], []],
  )
  const { listsAreStale, listed } = await planIndex(paths)
  // The night without alerts.
  assert.deepEqual([listsAreStale, listed.map(({ night }) => night)], [false, [ALL[4]]])
  assert.deepEqual(await listNames(join(paths.data, 'lock')), [])
  const again = await runScript('publish', settings)
  assert.deepEqual([again.status, again.out], [1, ''])
})

/** Stems of the nights that have files in the lake. */
async function here(paths: Paths): Promise<string[]> {
  const stems: string[] = []
  for (const night of ALL)
    if ((await listNames(paths.partition(night))).some(name => isOwnFile(night, name))) stems.push(night.stem)
  return stems
}

test('says that nights moved to another target are not at this one', async t => {
  const paths = await lakeToPublish(t)
  await publishTo(new MemoryTarget('folders'), paths, MOVING)
  const other = new MemoryTarget('objects')
  const { problems } = await publishTo(other, paths)
  assert.deepEqual(problems, [
    '4 nights moved to memory://folders cannot be published from here: copy them from there with a tool of the platform',
  ])
})

test('changes nothing at a target that has lost all nights that were moved there', async t => {
  const paths = await lakeToPublish(t)
  await publishTo(new MemoryTarget('objects'), paths, { ...MOVING, NIGHTS: '2019' })
  const lost = new MemoryTarget('objects')
  await assert.rejects(publishTo(lost, paths), {
    message:
      'memory://objects has none of the 3 nights that were moved there: is its disk mounted, and is the address right?',
  })
  assert.equal(lost.files.size, 0)
})
