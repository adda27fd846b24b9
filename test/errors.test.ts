import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { messageParts } from './support/messages.ts'
import { PROJECT } from './support/run.ts'

test('docs/errors.md has every message of the code', async () => {
  const page = (await readFile(join(PROJECT, 'docs/errors.md'), 'utf8')).replaceAll(/\s+/g, ' ')
  const parts = await messageParts()
  assert.ok(parts.length > 200, `only ${parts.length} parts of messages were found`)
  const missing = parts.filter(({ part }) => !page.includes(part))
  assert.deepEqual(missing, [])
})
