// Bundles the scripts, the worker threads and the scripts of the pages into .build/, because compiling TypeScript at every
// start would take longer than converting a small night.
import { rename, rm, writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { build } from 'esbuild'
import { glob } from '../lib/core/files.ts'

const OUT = '.build'
/** Folder for new bundles until all are complete, so that scripts started in the meantime use the old ones. */
const STAGING = join(OUT, `new-${process.pid}`)
const NO_ENTRY_POINTS = ['build.ts', 'command.ts']
/** Scripts that are the main module of a process. Workers are loaded by worker-farm. */
const isMain = (name: string) => !name.endsWith('-worker.ts') && name !== 'start.ts'

/**
 * Packages with native code, wasm or dynamic `require`, and packages that few commands use, of `lib/look` and
 * `lib/publish`. Others are bundled, because one file loads faster than many.
 */
const NOT_BUNDLED = [
  'zx',
  'avsc',
  'parquet-wasm',
  'snappy',
  '@toondepauw/node-zstd',
  'lz4-napi',
  'fast-glob',
  'worker-farm',
  '@duckdb/node-api',
  '@resvg/resvg-js',
  'linkedom',
  '@observablehq/plot',
  '@aws-sdk/client-s3',
  'google-auth-library',
]

const scripts = (await glob('scripts', '*.ts')).filter(name => !NO_ENTRY_POINTS.includes(name))
await build({
  entryPoints: [
    ...scripts.map(name => ({ in: join('scripts', name), out: isMain(name) ? mainOf(name) : parse(name).name })),
    { in: 'lib/alerts/inflate-thread.js', out: 'inflate-thread' },
    { in: 'lib/curve/read-thread.ts', out: 'read-thread' },
  ],
  outdir: STAGING,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: NOT_BUNDLED,
  logLevel: 'error',
})
await build({
  entryPoints: { page: 'lib/report/browser/page.ts', 'look-page': 'lib/look/browser/page.ts' },
  outdir: STAGING,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  logLevel: 'error',
})
for (const name of scripts.filter(isMain))
  await writeFile(
    join(STAGING, `${parse(name).name}.js`),
    `import './start.js'\nawait import('./${mainOf(name)}.js')\n`,
  )
const old = await glob(OUT, '*.js')
const bundles = await glob(STAGING, '*.js')
for (const name of bundles) await rename(join(STAGING, name), join(OUT, name))
for (const name of old) if (!bundles.includes(name)) await rm(join(OUT, name))
await rm(STAGING, { recursive: true })

/** Name of the bundle with the modules of a script. The script itself loads `start.js` first. */
function mainOf(name: string): string {
  return `${parse(name).name}.main`
}
