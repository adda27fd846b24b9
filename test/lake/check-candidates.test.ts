import assert from 'node:assert/strict'
import { appendFile, rm } from 'node:fs/promises'
import { test } from 'node:test'
import { candidatesFaults } from '../../lib/lake/check-candidates.ts'
import { NIGHT, TARBALL, threeFiles } from '../support/forged-night.ts'
import { move } from '../support/moved.ts'

test('compares the candidates file of a moved night with its manifest alone', async t => {
  const { paths } = await threeFiles(t)
  const moved = await move(paths, TARBALL)
  const file = paths.candidatesFile(NIGHT)
  assert.deepEqual(await candidatesFaults(paths, NIGHT, moved), [])
  const bytes = moved.candidates?.bytes as number
  await appendFile(file, 'x')
  assert.deepEqual(await candidatesFaults(paths, NIGHT, moved), [`${file} has ${bytes + 1} bytes, expected ${bytes}`])
  await rm(file)
  assert.deepEqual(await candidatesFaults(paths, NIGHT, moved), [`${file} is missing, expected ${bytes} bytes`])
})
