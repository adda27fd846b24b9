import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { glob } from '../lib/core/files.ts'
import { PROJECT } from '../lib/paths.ts'

/** The rooms of the project, lowest first: a room imports from itself and from the rooms before it. */
const ROOMS = [
  'lib/core',
  'lib/browser',
  'lib/parquet',
  'lib/sky',
  'lib',
  'lib/archive',
  'lib/alerts',
  'lib/lake',
  'lib/nights',
  'lib/index',
  'lib/progress',
  'lib/publish',
  'lib/jobs',
  'lib/cluster',
  'lib/curve',
  'lib/query',
  'lib/cone',
  'lib/look',
  'lib/look/browser',
  'lib/report',
  'lib/report/browser',
  'lib/plan',
  'lib/docs',
  'lib/synthetic',
  'lib/bench',
  'scripts',
]

/** Packages that two modules may import, with the reason. */
const SHARED_PACKAGES = new Set([
  // The report's charts are in several modules, and the light curve is another program.
  '@observablehq/plot',
])

const SPECIFIER = /(?:from|import|import\(|new URL\()\s*'([^'\s]+)'/g

/** Source file to the files and packages that it imports. */
const imports = await readImports()

test('every module lies in a known room', () => {
  assert.ok(imports.size > 100, `${imports.size} modules`)
  for (const file of imports.keys()) assert.ok(ROOMS.includes(dirname(file)), file)
})

test('imports between rooms run one way', () => {
  const upward = edges().filter(([from, to]) => ROOMS.indexOf(dirname(to)) > ROOMS.indexOf(dirname(from)))
  assert.deepEqual(upward, [])
})

test('no modules import each other in a cycle', () => {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    assert.ok(!path.includes(file), [...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file)) return
    for (const target of imports.get(file) ?? []) if (imports.has(target)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
})

test('each package is imported by one module', () => {
  const importers = new Map<string, string[]>()
  for (const [file, targets] of imports)
    for (const name of new Set(targets.filter(isPackage).map(packageOf)))
      importers.set(name, [...(importers.get(name) ?? []), file])
  assert.ok(importers.size > 8, `${importers.size} packages`)
  const shared = [...importers].filter(([name, files]) => files.length > 1 && !SHARED_PACKAGES.has(name))
  assert.deepEqual(shared, [])
})

test('only scripts end the process', async () => {
  for (const file of imports.keys())
    if (file.startsWith('lib/'))
      assert.doesNotMatch(await readFile(join(PROJECT, file), 'utf8'), /process\.exit\(/, file)
})

async function readImports(): Promise<Map<string, string[]>> {
  const files = await glob(PROJECT, '{lib,scripts}/**/*.{ts,js}')
  const read = async (file: string): Promise<[string, string[]]> => {
    const text = await readFile(join(PROJECT, file), 'utf8')
    const targets = [...text.matchAll(SPECIFIER)].map(([, target = '']) => target)
    return [file, targets.map(target => (target.startsWith('.') ? normalize(join(dirname(file), target)) : target))]
  }
  return new Map(await Promise.all(files.map(read)))
}

function edges(): [from: string, to: string][] {
  return [...imports].flatMap(([from, targets]) =>
    targets.filter(target => imports.has(target)).map((to): [string, string] => [from, to]),
  )
}

function isPackage(target: string): boolean {
  const isFile = imports.has(target) || target.endsWith('.json') || target.startsWith('..')
  return !isFile && !target.startsWith('node:') && !builtinModules.includes(target)
}

/** `@scope/name/path` and `name/path` to the package. */
function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}
