// Runs the unit tests, `node --import tsx test/run.ts [ROOM ...]`: one process per folder of test/, since starting one
// per file would take longer than most files.
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import fastGlob from 'fast-glob'

/** Folders that other make targets run. */
const OTHER_TARGETS = ['make', 'bare', 'external', 'servers', 'torture']
/** A test that takes so long hangs, in ms. No test has a time limit of its own. */
const TIMEOUT = 600_000

const project = join(import.meta.dirname, '..')
const bundles = join(project, '.build/test')
const chosen = process.argv.slice(2)

const files = await fastGlob('**/*.test.ts', {
  cwd: import.meta.dirname,
  ignore: OTHER_TARGETS.map(name => `${name}/**`),
})
const rooms = new Map<string, string[]>()
for (const file of files.sort()) {
  const room = file.includes('/') ? file.slice(0, file.indexOf('/')) : 'root'
  if (chosen.length === 0 || chosen.includes(room)) rooms.set(room, [...(rooms.get(room) ?? []), file])
}
if (rooms.size === 0) throw new Error(`there are no tests in ${chosen.join(', ')}`)

await mkdir(bundles, { recursive: true })
const entryPoints = [...rooms].map(async ([room, files]) => {
  const path = join(bundles, `${room}.test.mjs`)
  const imports = files.map(file => `import '${relative(bundles, join(import.meta.dirname, file))}'\n`)
  await writeFile(path, imports.join(''))
  return path
})
const options = [
  '--import',
  'tsx',
  '--test',
  `--test-timeout=${TIMEOUT}`,
  `--test-concurrency=${availableParallelism()}`,
]
const child = spawn(process.execPath, [...options, ...(await Promise.all(entryPoints))], {
  cwd: project,
  stdio: 'inherit',
})
child.on('close', status => {
  process.exitCode = status ?? 1
})
