import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransientError } from '../../lib/core/retry.ts'
import { Copier } from '../../lib/publish/copier.ts'
import { TargetUnusable } from '../../lib/publish/target.ts'
import { MemoryTarget } from '../support/memory-target.ts'

test('fails with the error of one file if the target still answers', async () => {
  const { copier, target } = open()
  target.before = () => {
    throw new TransientError('the server has failed')
  }
  await assert.rejects(copier.putText('a', 'x'), TransientError)
  target.before = () => {}
  await copier.putText('b', 'x')
  assert.deepEqual([...target.files.keys()], ['b'])
})

test('does not ask a target again that no longer answers', async () => {
  const { copier, target } = open()
  let calls = 0
  const fail = () => {
    calls++
    throw new TransientError('the server refuses the connection')
  }
  target.before = fail
  target.list = async () => fail()
  for (const task of [() => copier.putText('a', 'x'), () => copier.putText('b', 'x'), () => copier.delete('c')])
    await assert.rejects(task(), error => {
      assert.ok(error instanceof TargetUnusable)
      assert.equal(error.message, 'the server refuses the connection: make publish resumes once it answers')
      return true
    })
  assert.equal(calls, 2)
})

test('takes a file that cannot be read for damaged, unless the target no longer answers', async () => {
  const { copier, target } = open()
  await copier.putText('a', 'x')
  target.get = async () => {
    throw new TransientError('the disk has failed')
  }
  const expected = { bytes: 1, sha256: '' }
  assert.equal(await copier.faultAt('a', expected), 'cannot be read (the disk has failed)')
  target.list = target.get as never
  await assert.rejects(copier.faultAt('a', expected), TargetUnusable)
})

test('copies no more files at a time than allowed', async () => {
  const { copier, target } = open()
  let [running, most] = [0, 0]
  const { put } = target
  target.put = async (...args) => {
    most = Math.max(most, ++running)
    await put.apply(target, args)
    running--
  }
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(path => copier.putText(path, 'x')))
  assert.equal(most, 2)
  assert.equal(target.files.size, 5)
})

function open() {
  const target = new MemoryTarget('objects')
  return { target, copier: new Copier(target, 'data', 2, task => task()) }
}
