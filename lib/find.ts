import fastGlob from 'fast-glob'

/**
 * Names of the files that match `pattern`, relative to `folder`, sorted; none where there is no such folder.
 * A link to a file is a file; one that leads nowhere is not.
 */
export async function find(folder: string, pattern: string): Promise<string[]> {
  return (await fastGlob(pattern, { cwd: folder, onlyFiles: true, followSymbolicLinks: true })).sort()
}
