import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { addPath, adviseOnOut, describeError, errnoError, isDanglingLink, obstacleAt } from '../../lib/core/errors.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { temporaryFolder } from '../support/folder.ts'

const CODES = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ESTALE', 'ENOENT']

for (const code of [...CODES, 'ELOOP', 'ENXIO'])
  test(`describes ${code} in one line with the path, and without the code`, () => {
    const error = Object.assign(new Error(`${code}: system text, open`), { code, syscall: 'open', path: '/a/file' })
    const message = describeError(error)
    assert.match(message, ['ENOSPC', 'EDQUOT'].includes(code) ? /the disk of \/ is / : /\/a\/file/)
    assert.doesNotMatch(message, /\bE[A-Z]{3,}|\n/)
    assert.equal(message === '/a/file: system text, open', !CODES.includes(code))
  })

test('names the default path for a system error without one', () => {
  const error = Object.assign(new Error('ENOSPC: no space, write'), { code: 'ENOSPC', syscall: 'write' })
  assert.match(describeError(error, '/a/folder'), /^the disk of \/ is full: /)
})

for (const code of ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'])
  test(`advises on OUT in ${code} of OUT only`, async () => {
    const failed = (path: string) => Promise.reject(errnoError(code, path)).catch(adviseOnOut('/a/x.csv'))
    const described = (path: string) => failed(path).catch(describeError)
    assert.match(await described('/a/x.csv'), /, or set OUT= /)
    assert.match(await described('/a/lake/file'), /, or set DATA= /)
  })

test('advises on TO if the path is that of a target', () => {
  const error = Object.assign(errnoError('EACCES', '/a/target'), { setting: 'TO' })
  assert.match(describeError(error), /, or set TO= to a folder of your own, /)
})

test('leaves the message of other errors as it is', () => {
  assert.equal(describeError(new Error('its own words')), 'its own words')
  assert.equal(describeError(Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' })), 'connect refused')
})

test('adds the path to system errors only', async () => {
  const failed = (error: Error) => Promise.reject(error).catch(addPath('/a/file'))
  await assert.rejects(failed(Object.assign(new Error('EIO'), { syscall: 'write' })), { path: '/a/file' })
  await assert.rejects(failed(new Error('other')), error => !('path' in (error as Error)))
})

test('describes an error of another program as the system error', async t => {
  const missing = join(await temporaryFolder(t), 'missing')
  const error = await readFile(missing).catch(thrown => thrown)
  assert.equal(describeError(errnoError('ENOENT', missing)), describeError(error))
})

test('says that a disk with free space cannot hold more files', { skip: NO_DISK }, async t => {
  const { folder } = await Disk.mount(t, '1m,nr_inodes=3')
  const create = (name: string) => writeFile(join(folder, name), '')
  await Promise.all(['a', 'b'].map(create))
  const error = await create('c').catch(thrown => thrown)
  const sentence = `the disk of ${folder} has space but cannot hold more files (df -i): delete some `
  assert.ok(describeError(error).startsWith(sentence), describeError(error))
})

test('names the folder or the dangling link that prevents a file from being written', async t => {
  const folder = await temporaryFolder(t)
  const at = (name: string) => join(folder, name)
  await Promise.all([mkdir(at('folder')), writeFile(at('file'), ''), symlink(at('nowhere'), at('dangling'))])
  await Promise.all([symlink(at('loop'), at('loop')), symlink(at('file'), at('link'))])
  assert.equal(obstacleAt(at('folder')), `${at('folder')} is a folder, expected a file: move it, then run this again`)
  for (const name of ['dangling', 'loop']) {
    assert.equal(isDanglingLink(at(name)), true)
    assert.match(obstacleAt(at(name)) ?? '', /is a link to a missing target: /)
  }
  execFileSync('mkfifo', [at('pipe')])
  assert.match(obstacleAt(at('pipe')) ?? '', /^\S+ is a named pipe, expected a file: /)
  assert.match(obstacleAt('/dev/null') ?? '', /^\/dev\/null is a device, expected a file: /)
  for (const name of ['file', 'link', 'missing']) assert.equal(obstacleAt(at(name)), undefined)
})
