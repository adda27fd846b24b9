import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { nightFaults } from '../../lib/lake/check-night.ts'
import { checkTree, moveToOrphans } from '../../lib/lake/check-tree.ts'
import { convertNight } from '../../lib/lake/convert.ts'
import { type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import { removeTarball } from '../../lib/lake/remove-tarball.ts'
import { inLake } from '../../lib/nights/inventory.ts'
import { Paths } from '../../lib/paths.ts'
import { SETTINGS } from '../support/data-folder.ts'
import { folderInMemory } from '../support/folder.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { forAllOrders, type Operations, stopBeforeCalls } from '../support/orders.ts'
import { convertFromRecords, put, RecordedNight } from '../support/recorded-nights.ts'

// A and B are the two tarballs of one date, so their files are in the same folders. The number is that of a revision.

const DATE = '20191003'
const DAY = 'lake/year=2019/month=10/day=03'
const TARBALLS = {
  A1: makeNight({ night: DATE, alerts: 3 }),
  A2: makeNight({ night: DATE, alerts: 1, seed: 2 }),
  emptyA: emptyNight(DATE, 'zeros'),
  B1: makeNight({ night: DATE, kind: 'programid3', alerts: 1, seed: 3 }),
  B2: makeNight({ night: DATE, kind: 'programid3', alerts: 1, seed: 4 }),
}
type Name = keyof typeof TARBALLS
type Records = Readonly<Record<Name, RecordedNight>>

/** Paths that more than one operation may use: partitions, manifests, tarballs, and the folders of staging folders. */
const SHARED = /\/(year=|_manifest\/|tarballs\/ztf|_staging(\/[^/]+)?$)/

interface Scenario {
  /** Nights in the lake at the start. */
  readonly lake?: readonly Name[]
  /** Tarballs on disk at the start. */
  readonly tarballs: readonly Name[]
  /** Other files in the partition at the start. */
  readonly strays?: readonly string[]
  readonly operations: (site: Site) => Operations
  /** How often operations may be interrupted. A look at a folder and what follows from it take one interruption. */
  readonly interruptions: number
  /** Nights in the lake at the end. */
  readonly result: readonly Name[]
  /** Tarballs on disk at the end. The default is all. */
  readonly tarballsLeft?: readonly Name[]
  /** Whether the strays end among the orphans. The default is that they are removed. */
  readonly keepsStrays?: boolean
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a new night and one that arrives meanwhile': {
    tarballs: ['A1'],
    operations: site => ({ A: site.convert('A1'), B: site.downloadAndConvert('B1') }),
    interruptions: 2,
    result: ['A1', 'B1'],
    tarballsLeft: ['A1', 'B1'],
  },
  'two new nights whose tarballs are removed': {
    tarballs: ['A1', 'B1'],
    operations: site => ({ A: site.convertAndRemove('A1'), B: site.convertAndRemove('B1') }),
    interruptions: 1,
    result: ['A1', 'B1'],
    tarballsLeft: [],
  },
  'a republished night and one that arrives meanwhile': {
    lake: ['A1'],
    tarballs: ['A2'],
    operations: site => ({ A: site.convert('A2'), B: site.downloadAndConvert('B1') }),
    interruptions: 2,
    result: ['A2', 'B1'],
    tarballsLeft: ['A2', 'B1'],
  },
  'two republished nights': {
    lake: ['A1', 'B1'],
    tarballs: ['A2', 'B2'],
    operations: site => ({ A: site.convert('A2'), B: site.convert('B2') }),
    interruptions: 2,
    result: ['A2', 'B2'],
  },
  'a night that becomes empty and a new one': {
    lake: ['A1'],
    tarballs: ['emptyA', 'B1'],
    operations: site => ({ A: site.convert('emptyA'), B: site.convert('B1') }),
    interruptions: 2,
    result: ['emptyA', 'B1'],
  },
  'a night whose publication was killed, and a new one': {
    lake: ['A1'],
    tarballs: ['A2', 'B1'],
    strays: [
      '_ztf_public_20191003-01234567-0000.parquet.part',
      '__ztf_public_20191003-01234567-0001.parquet.part.part',
    ],
    operations: site => ({ A: site.convert('A2'), B: site.convert('B1') }),
    interruptions: 2,
    result: ['A2', 'B1'],
  },
  'a republished night, the removal of a tarball, and a check': {
    lake: ['A1', 'B1'],
    tarballs: ['A2', 'B1'],
    operations: site => ({ A: site.convert('A2'), removal: site.remove('B1'), check: site.checkNight('B1') }),
    interruptions: 1,
    result: ['A2', 'B1'],
    tarballsLeft: ['A2'],
  },
  'a repair, a new night, and a check': {
    lake: ['A1'],
    tarballs: ['B1'],
    strays: ['_SUCCESS', 'part-0.parquet'],
    operations: site => ({ repair: site.repair(), B: site.convert('B1'), check: site.checkNight('A1') }),
    interruptions: 1,
    result: ['A1', 'B1'],
    keepsStrays: true,
  },
  'a repair, the removal of a tarball, and a check': {
    lake: ['A1', 'B1'],
    tarballs: ['B1'],
    strays: ['_SUCCESS'],
    operations: site => ({ repair: site.repair(), removal: site.remove('B1'), check: site.checkNight('A1') }),
    interruptions: 1,
    result: ['A1', 'B1'],
    tarballsLeft: [],
    keepsStrays: true,
  },
}

let orders = 0
for (const [what, scenario] of Object.entries(SCENARIOS))
  test(`no order of steps loses a file: ${what}`, async t => {
    const records = await recordNights(t)
    convertFromRecords(t, Object.values(records))
    stopBeforeCalls(t, SHARED)
    const data = join(await folderInMemory(t), 'data')
    let site: Site | undefined
    const prepare = () => {
      site = new Site(data, records, scenario)
      return scenario.operations(site)
    }
    const found = await forAllOrders(prepare, isEnd => site?.check(isEnd), scenario.interruptions)
    orders += found
    t.diagnostic(`${found} orders`)
  })

test('the orders are thousands', t => {
  t.diagnostic(`${orders} orders`)
  assert.ok(orders >= 2000, `${orders} orders, expected 2,000`)
})

const recorded = {} as Record<Name, RecordedNight>

async function recordNights(t: TestContext): Promise<Records> {
  for (const name of Object.keys(TARBALLS) as Name[]) recorded[name] ??= await RecordedNight.of(t, TARBALLS[name])
  return recorded
}

/** A data folder in the state in which the operations of a scenario begin. */
class Site {
  private readonly paths: Paths
  private readonly records: Records
  private readonly scenario: Scenario

  constructor(data: string, records: Records, scenario: Scenario) {
    this.paths = new Paths(data)
    this.records = records
    this.scenario = scenario
    rmSync(data, { recursive: true, force: true })
    for (const name of scenario.lake ?? []) records[name].putIntoLake(this.paths)
    for (const name of scenario.tarballs) records[name].putOnDisk(this.paths)
    for (const name of scenario.strays ?? []) put(join(data, DAY, name), name)
  }

  convert(name: Name): () => Promise<Manifest> {
    const { night, manifest } = this.records[name]
    const listed = { md5: manifest.md5, bytes: manifest.tarballBytes, modified: '' }
    return () => convertNight(this.paths, night, SETTINGS, listed)
  }

  downloadAndConvert(name: Name): () => Promise<Manifest> {
    const { night, tarball } = this.records[name]
    return async () => {
      put(this.paths.part(night), tarball)
      await rename(this.paths.part(night), this.paths.tarball(night))
      return this.convert(name)()
    }
  }

  convertAndRemove(name: Name): () => Promise<void> {
    const { night } = this.records[name]
    return async () => removeTarball(this.paths, night, await this.convert(name)())
  }

  remove(name: Name): () => Promise<void> {
    const { night, manifest } = this.records[name]
    return () => removeTarball(this.paths, night, manifest)
  }

  /** Checks a night that no operation replaces: it has to be intact all the time. */
  checkNight(name: Name): () => Promise<void> {
    const { night, manifest } = this.records[name]
    return async () => assert.deepEqual(await nightFaults(this.paths, night, manifest), [])
  }

  /** Moves orphans away, as `make repair` does. */
  repair(): () => Promise<void> {
    return async () => {
      const nights = await inLake(this.paths, () => true)
      const manifests = await Promise.all(nights.map(night => readManifest(this.paths, night)))
      const byStem = new Map(nights.map(({ stem }, i) => [stem, manifests[i]]))
      const { orphans } = await checkTree(this.paths, () => true, byStem)
      for (const path of orphans.keys()) await moveToOrphans(this.paths, path)
    }
  }

  /** Asserts what readers may rely on after each step, and at the end that exactly the scenario's result is there. */
  check(isEnd: boolean): void {
    const visible = filesBelow(join(this.paths.data, DAY)).filter(name => /^ztf.*\.parquet$/.test(name))
    // A name without the number of the file is a revision of a night.
    const revisions = [...new Set(visible.map(name => name.slice(0, -'-0000.parquet'.length)))]
    const nights = revisions.map(revision => revision.split('-')[0])
    assert.equal(new Set(nights).size, nights.length, `an alert may be there twice: ${visible.join(' ')}`)
    for (const name of this.scenario.result) this.checkRecorded(this.records[name], isEnd)
    if (isEnd) this.checkFiles()
  }

  /** Asserts that all files of a night are there if its manifest says so. */
  private checkRecorded({ night, manifest, files }: RecordedNight, isEnd: boolean): void {
    const path = this.paths.manifest(night)
    const found: Manifest | undefined = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
    if (isEnd) assert.deepEqual([found?.md5, found?.files], [manifest.md5, manifest.files])
    if (found?.md5 !== manifest.md5) return
    for (const path of files.keys()) assert.ok(existsSync(join(this.paths.data, path)), `${path} is missing`)
  }

  private checkFiles(): void {
    const { result, tarballs, tarballsLeft = tarballs, strays = [], keepsStrays } = this.scenario
    const orphans = keepsStrays ? strays.map(name => [`bad/orphans/${DAY}/${name}`, Buffer.from(name)] as const) : []
    const expected = new Map([...result.flatMap(name => [...this.records[name].files]), ...orphans])
    const others = [
      ...result.map(name => `lake/_manifest/${this.records[name].night.stem}.json`),
      ...tarballsLeft.map(name => `tarballs/${this.records[name].night.name}`),
    ]
    const found = filesBelow(this.paths.data).filter(path => !path.startsWith('tarballs/.md5/'))
    assert.deepEqual(found.sort(), [...expected.keys(), ...others].sort())
    for (const [path, bytes] of expected) assert.ok(readFileSync(join(this.paths.data, path)).equals(bytes), path)
  }
}

/** Paths of all files below a folder. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => !entry.isDirectory())
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
}
