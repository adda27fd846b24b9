import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'

/** Folders for data and URL lists, surrounded by canary files that must not change. */
export class Sandbox {
  readonly paths: Paths
  readonly uris: string
  private readonly folder: string
  private before = new Map<string, string>()

  static async open(t: TestContext): Promise<Sandbox> {
    const sandbox = new Sandbox(await temporaryFolder(t))
    await mkdir(sandbox.paths.tarballs, { recursive: true })
    for (const name of ['canary', 'a/canary', 'a/b/canary', 'a/b/c/data/canary'])
      await writeFile(join(sandbox.folder, name), 'alive')
    sandbox.before = await sandbox.outside()
    return sandbox
  }

  private constructor(folder: string) {
    this.folder = folder
    this.paths = new Paths(join(folder, 'a/b/c/data'))
    this.uris = join(folder, 'a/b/c/uris')
  }

  /** Asserts that no file outside the project's own folders was created, removed or changed. */
  async assertUntouched(): Promise<void> {
    assert.deepEqual(await this.outside(), this.before)
  }

  private async outside(): Promise<Map<string, string>> {
    const ownFolders = /^a\/b\/c\/(data\/(tarballs|lake|candidates|index|bad|failed)|uris)\//
    return new Map([...(await snapshot(this.folder))].filter(([path]) => !ownFolders.test(path)))
  }
}
