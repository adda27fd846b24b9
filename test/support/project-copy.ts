import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './folder.ts'
import { PROJECT } from './run.ts'

const SOURCES = ['Makefile', 'package.json', 'package-lock.json', 'tsconfig.json', 'lib', 'scripts']

/** Copies the project as cloned: nothing is built. With `packages` it has the npm packages. */
export async function copyProject(t: TestContext, { packages }: { packages: boolean }): Promise<string> {
  const folder = await temporaryFolder(t)
  for (const name of SOURCES) await cp(join(PROJECT, name), join(folder, name), { recursive: true })
  if (packages) await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
