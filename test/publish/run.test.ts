import assert from 'node:assert/strict'
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { partition } from '../../lib/night.ts'
import { writeDamaged } from '../../lib/publish/damage.ts'
import { REMOTE } from '../../lib/publish/remote-paths.ts'
import { TargetUnusable } from '../../lib/publish/target.ts'
import { nightOf } from '../support/data-folder.ts'
import { MemoryTarget } from '../support/memory-target.ts'
import { addNights, lakeToPublish, NIGHTS, publishable, publishTo, REVISIONS } from '../support/published.ts'

const KINDS = ['objects', 'folders'] as const

for (const kind of KINDS) {
  test(`publishes exactly the lake, its tables and its lists: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    const { problems } = await publishTo(target, paths)
    assert.deepEqual(problems, [])
    assertSame(target.files, await publishable(paths))
  })

  test(`has nothing to do in a second run: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    target.before = operation => assert.fail(operation)
    assert.deepEqual(await publishTo(target, paths), { lines: [], problems: [] })
  })

  test(`publishes the selected nights, then the others: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths, { NIGHTS: '20191003' })
    const stems = [...target.files.keys()].flatMap(path => /_manifest\/(\w+)\.json/.exec(path)?.[1] ?? [])
    assert.deepEqual(stems.sort(), ['ztf_public_20191003', 'ztf_public_20191003_programid3'])
    const sums = String(target.files.get('lake/_SHA256SUMS'))
    assert.ok(sums.includes('ztf_public_20191003') && !sums.includes('ztf_public_20191007'), sums)
    assert.ok(![...target.files.keys()].some(path => path.startsWith('index/objects')), 'an index of half a month')
    await publishTo(target, paths)
    assertSame(target.files, await publishable(paths))
  })

  test(`replaces nights that were published again: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    await addNights(paths, REVISIONS)
    assert.deepEqual((await publishTo(target, paths)).problems, [])
    assertSame(target.files, await publishable(paths))
  })

  test(`never shows files of two revisions of a night: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    const before = filesOfNights(target)
    await addNights(paths, REVISIONS)
    const seen = new Map<string, Set<string>>()
    target.before = () => {
      for (const [stem, files] of filesOfNights(target)) (seen.get(stem) ?? setOf(seen, stem)).add(files.join())
    }
    await publishTo(target, paths)
    const after = filesOfNights(target)
    for (const { name } of REVISIONS) {
      const { stem } = nightOf(name)
      const [old, now] = [before.get(stem) ?? [], after.get(stem) ?? []]
      const mixed = [...(seen.get(stem) ?? [])].filter(files =>
        [old, now].every(revision => files.split(',').some(file => !revision.includes(file))),
      )
      assert.ok((seen.get(stem)?.size ?? 0) > 0, 'nothing was seen')
      assert.deepEqual(mixed, [], stem)
    }
    // The renames of whole folders replace a partition of one tarball.
    if (kind === 'folders')
      assert.deepEqual(
        [...(seen.get('ztf_public_20210401') ?? [])],
        [before, after].map(nights => nights.get('ztf_public_20210401')?.join()),
      )
  })

  test(`ends with the same files after a crash before any operation: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const first = new MemoryTarget(kind)
    await publishTo(first, paths)
    const old = new Map(first.files)
    await addNights(paths, REVISIONS)
    const expected = await publishable(paths)
    for (const start of [new Map<string, Buffer>(), old]) {
      const count = await crashAt(Number.POSITIVE_INFINITY, start)
      assert.ok(count > 10, `${count} operations`)
      for (let crash = 0; crash < count; crash++) await crashAt(crash, start)
    }

    /** Publishes onto these files with a crash before an operation, then again without; returns the number of operations. */
    async function crashAt(crash: number, files: ReadonlyMap<string, Buffer>): Promise<number> {
      const target = new MemoryTarget(kind)
      for (const [path, bytes] of files) target.files.set(path, bytes)
      let operations = 0
      target.before = () => {
        if (operations >= crash) throw new TargetUnusable('crash')
        operations++
      }
      await publishTo(target, paths)
      target.before = () => {}
      assert.deepEqual((await publishTo(target, paths)).problems, [], `after a crash at operation ${crash}`)
      assertSame(target.files, expected, `after a crash at operation ${crash}`)
      return operations
    }
  })

  test(`replaces files of another size and adds missing ones: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    const expected = new Map(target.files)
    const names = [...target.files.keys()].filter(path => !path.includes('_manifest'))
    for (const [i, path] of names.entries())
      if (i % 3 === 0) target.files.delete(path)
      else if (i % 3 === 1) target.files.set(path, Buffer.from('short'))
    await publishTo(target, paths)
    assertSame(target.files, expected)
  })

  test(`replaces damaged files of a night that was converted again: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const target = new MemoryTarget(kind)
    await publishTo(target, paths)
    const night = nightOf('ztf_public_20210401.tar.gz')
    const manifest = (await readManifest(paths, night)) ?? assert.fail()
    await writeManifest(paths, night, { ...manifest, seconds: manifest.seconds + 1 })
    for (const path of target.files.keys())
      if (path.endsWith('.parquet') && path.includes('20210401')) target.files.get(path)?.fill(0, 8, 9)
    assert.deepEqual((await publishTo(target, paths)).problems, [])
    assertSame(target.files, await publishable(paths))
  })

  test(`names a file of the lake whose bytes are not those of its manifest: ${kind}`, async t => {
    const paths = await lakeToPublish(t)
    const night = nightOf((NIGHTS[3] as { name: string }).name)
    const [file = assert.fail()] = (await readManifest(paths, night))?.files ?? []
    const path = join(paths.lake, partition(night), file.name)
    await appendFile(path, 'x')
    const { lines, problems } = await publishTo(new MemoryTarget(kind), paths)
    assert.deepEqual(problems, ['1 night failed (ztf_public_20210401): run make publish again'])
    const line = lines.find(line => line.startsWith('FAILED')) ?? ''
    assert.ok(
      line.endsWith(
        `it was not published: ${path} has ${file.bytes + 1} bytes, expected ${file.bytes}: run make repair`,
      ),
      line,
    )
  })
}

test('stops at the first error of a target that cannot be used, and gives its message once', async t => {
  const paths = await lakeToPublish(t)
  const target = new MemoryTarget('objects')
  let calls = 0
  target.before = () => {
    calls++
    throw new TargetUnusable('the target is full')
  }
  assert.deepEqual(await publishTo(target, paths), { problems: ['the target is full'], lines: [] })
  assert.ok(calls <= 2, `${calls} calls`)
})

test('reports a night that has left the lake while it was queued', async t => {
  const paths = await lakeToPublish(t)
  const target = new MemoryTarget('objects')
  const night = nightOf((NIGHTS[3] as { name: string }).name)
  let removed: Promise<void> | undefined
  target.before = () => {
    removed ??= rm(paths.partition(night), { recursive: true })
  }
  const { problems } = await publishTo(target, paths)
  await removed
  assert.deepEqual(problems, ['1 night failed (ztf_public_20210401): run make publish again'])
})

test('replaces a damaged file once its night is selected, also after runs for other nights', async t => {
  const paths = await lakeToPublish(t)
  const target = new MemoryTarget('objects')
  await publishTo(target, paths)
  const expected = new Map(target.files)
  const path = REMOTE.candidatesFile(nightOf((NIGHTS[3] as { name: string }).name))
  target.files.set(path, Buffer.alloc((expected.get(path) as Buffer).length))
  await writeDamaged(paths, target.address, new Set([path]))
  await publishTo(target, paths, { NIGHTS: '2019' })
  await publishTo(target, paths)
  assertSame(target.files, expected)
})

/** Parquet files in the lake at a target, by the stem of their night. */
function filesOfNights({ files }: MemoryTarget): Map<string, string[]> {
  const nights = new Map<string, string[]>()
  for (const path of [...files.keys()].sort()) {
    const [, name, stem] = /^lake\/year=.*\/((\w+)-.*)$/.exec(path) ?? []
    if (name && stem) nights.set(stem, [...(nights.get(stem) ?? []), name])
  }
  return nights
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const set = new Set<string>()
  map.set(key, set)
  return set
}

function assertSame(found: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>, message = ''): void {
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort(), message)
  const differing = [...expected].filter(([path, bytes]) => !found.get(path)?.equals(bytes)).map(([path]) => path)
  assert.deepEqual(differing, [], message)
}
