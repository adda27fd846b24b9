import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apacheSize } from '../../lib/synthetic/apache-size.ts'

test('formats sizes as Apache does', () => {
  const [mega, giga] = [2 ** 20, 2 ** 30]
  const sizes = [0, 44, 159, 972, 973, 1024, 1075, 1076, 10_188, 10_189, 972.4 * 1024, 767 * mega, 972.6 * mega]
  const shown = ['  0 ', ' 44 ', '159 ', '972 ', '1.0K', '1.0K', '1.0K', '1.1K', '9.9K', ' 10K', '972K', '767M', '973M']
  assert.deepEqual(sizes.map(apacheSize), shown)
  assert.deepEqual([8.8 * giga, 10 * giga, 73 * giga, 9.96 * giga].map(Math.floor).map(apacheSize), [
    '8.8G',
    ' 10G',
    ' 73G',
    ' 10G',
  ])
})
