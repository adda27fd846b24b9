import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeError } from '../../lib/core/errors.ts'
import { readParquet } from '../../lib/lake/parquet-reader.ts'
import { temporaryFolder } from '../support/folder.ts'

test('names a file that does not exist', async t => {
  const path = join(await temporaryFolder(t), 'file.parquet')
  const message = `${path} does not exist: was it moved, or is its disk not mounted?`
  assert.equal(await readParquet(path).catch(describeError), message)
})
