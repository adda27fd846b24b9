import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** What of a manifest tells how a conversion went, and not what came of it. */
const OF_THE_RUN = ['seconds', 'peakMemory', 'sha256']

/** Every file below a folder, by its path: the bytes, of a manifest without what differs from run to run. */
export async function bytesBelow(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const path of (await readdir(folder, { recursive: true }).catch(() => [])).sort()) {
    if (!(await stat(join(folder, path))).isFile()) continue
    const bytes = await readFile(join(folder, path))
    files.set(path, isManifest(path) ? withoutRun(bytes.toString()) : bytes.toString('base64'))
  }
  return files
}

/** The names in which two folders differ, be it by their bytes. */
export function differing(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): string[] {
  const names = new Set([...found.keys(), ...expected.keys()])
  return [...names].filter(name => found.get(name) !== expected.get(name)).sort()
}

function isManifest(path: string): boolean {
  return basename(join(path, '..')) === '_manifest'
}

function withoutRun(text: string): string {
  const manifest = JSON.parse(text)
  for (const name of OF_THE_RUN) delete manifest[name]
  return JSON.stringify(manifest)
}
