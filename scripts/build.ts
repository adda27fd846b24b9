// Bundles the scripts, the worker threads and the report's page into .build/, because compiling TypeScript at every
// start would take longer than converting a small night.
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { glob } from '../lib/core/files.ts'

const OUT = '.build'
/** Folder for new bundles until all are complete, so that scripts started in the meantime use the old ones. */
const STAGING = join(OUT, `new-${process.pid}`)
const NO_ENTRY_POINTS = ['build.ts', 'command.ts']

/**
 * Packages with native code, wasm or dynamic `require`, and packages used only by `lib/look`. Others are bundled,
 * because one file loads faster than many.
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
]

const scripts = (await glob('scripts', '*.ts')).filter(name => !NO_ENTRY_POINTS.includes(name))
await build({
  entryPoints: [
    ...scripts.map(name => join('scripts', name)),
    'lib/alerts/inflate-thread.js',
    'lib/curve/read-thread.ts',
  ],
  outdir: STAGING,
  entryNames: '[name]',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: NOT_BUNDLED,
  logLevel: 'error',
})
await build({
  entryPoints: ['lib/report/browser/page.ts'],
  outdir: STAGING,
  entryNames: '[name]',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  logLevel: 'error',
})
const old = await glob(OUT, '*.js')
const bundles = await glob(STAGING, '*.js')
for (const name of bundles) await rename(join(STAGING, name), join(OUT, name))
for (const name of old) if (!bundles.includes(name)) await rm(join(OUT, name))
await rm(STAGING, { recursive: true })
