import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'

/** Folders for data and lists, and files all around them that nothing may touch. */
export class Sandbox {
  readonly paths: Paths
  readonly uris: string
  private readonly folder: string
  private before = new Map<string, string>()

  static async open(t: TestContext): Promise<Sandbox> {
    const sandbox = new Sandbox(await temporaryFolder(t))
    await mkdir(sandbox.paths.tarballs, { recursive: true })
    for (const name of ['canary', 'a/canary', 'a/b/canary', 'a/b/c/data/canary'])
      await writeFile(join(sandbox.folder, name), 'sings').catch(() => {})
    sandbox.before = await sandbox.outside()
    return sandbox
  }

  private constructor(folder: string) {
    this.folder = folder
    this.paths = new Paths(join(folder, 'a/b/c/data'))
    this.uris = join(folder, 'a/b/c/uris')
  }

  /** That no file has come, gone or changed but where the project keeps its own. */
  async isClean(): Promise<void> {
    assert.deepEqual(await this.outside(), this.before)
  }

  private async outside(): Promise<Map<string, string>> {
    const own = /^a\/b\/c\/(data\/(tarballs|lake|bad|failed)|uris)\//
    return new Map([...(await snapshot(this.folder))].filter(([path]) => !own.test(path)))
  }
}
