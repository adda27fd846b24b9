import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Fields of a manifest that differ from run to run. */
const RUN_FIELDS = ['seconds', 'peakMemory', 'sha256']

/** Contents of all files below a folder, by path. Manifests are without the fields that differ from run to run. */
export async function bytesBelow(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const path of (await readdir(folder, { recursive: true }).catch(() => [])).sort()) {
    if (!(await stat(join(folder, path))).isFile()) continue
    const bytes = await readFile(join(folder, path))
    files.set(path, isManifest(path) ? withoutRunFields(bytes.toString()) : bytes.toString('base64'))
  }
  return files
}

/** Names of files that are only in one of two folders, or differ in content. */
export function differing(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): string[] {
  const names = new Set([...found.keys(), ...expected.keys()])
  return [...names].filter(name => found.get(name) !== expected.get(name)).sort()
}

function isManifest(path: string): boolean {
  return basename(join(path, '..')) === '_manifest'
}

function withoutRunFields(text: string): string {
  const manifest = JSON.parse(text)
  for (const name of RUN_FIELDS) delete manifest[name]
  return JSON.stringify(manifest)
}
