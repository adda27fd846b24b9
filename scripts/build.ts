// Bundles the scripts, the inflate thread and the report's page into .build/: compiling TypeScript at every start would
// take longer than converting a small night.
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import fastGlob from 'fast-glob'

const OUT = '.build'
/** Bundles are moved from here once all are complete: until then, scripts that start must find the old ones. */
const STAGING = join(OUT, `new-${process.pid}`)
/** The module that scripts share, and this script. */
const NO_ENTRY_POINTS = ['scripts/build.ts', 'scripts/command.ts']

/** Packages with native code, wasm or dynamic imports. The others are bundled: one file loads faster than many. */
const NOT_BUNDLED = [
  'zx',
  'avsc',
  'parquet-wasm',
  'fast-glob',
  'worker-farm',
  '@duckdb/node-api',
  '@resvg/resvg-js',
  'linkedom',
  '@observablehq/plot',
]

const scripts = await fastGlob('scripts/*.ts', { ignore: NO_ENTRY_POINTS })
await build({
  entryPoints: [...scripts, 'lib/alerts/inflate-thread.js'],
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
const former = await fastGlob(`${OUT}/*.js`)
const bundles = (await fastGlob(`${STAGING}/*.js`)).map(path => basename(path))
for (const name of bundles) await rename(join(STAGING, name), join(OUT, name))
for (const path of former) if (!bundles.includes(basename(path))) await rm(path)
await rm(STAGING, { recursive: true })
