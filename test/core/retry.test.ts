import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RETRY_POLICY, type RetryOptions, retry, TransientError } from '../../lib/core/retry.ts'

test('retries a transient error after delays of 4, 8, 16 and 32 s', async () => {
  const { delays, lines, options } = recorder()
  await assert.rejects(retry(fail(), options), { message: 'it failed' })
  assert.deepEqual(delays, [4000, 8000, 16_000, 32_000])
  assert.deepEqual(
    lines,
    ['4.0 s', '8.0 s', '16.0 s', '32.0 s'].map(delay => `it failed: retrying in ${delay}`),
  )
})

test('returns the result of the first attempt that succeeds', async () => {
  const { delays, options } = recorder()
  let attempts = 0
  const attempt = async () => (++attempts < 3 ? fail()() : attempts)
  assert.equal(await retry(attempt, options), 3)
  assert.deepEqual(delays, [4000, 8000])
})

test('does not retry a permanent error', async () => {
  const { delays, options } = recorder()
  await assert.rejects(
    retry(() => Promise.reject(new Error('it is wrong')), options),
    { message: 'it is wrong' },
  )
  assert.deepEqual(delays, [])
})

test('starts again with the first delay after an attempt that made progress', async () => {
  const { delays, options } = recorder()
  const received = [0, 0, 0, 5, 5, 3, 6]
  const progress = async () => received.shift() ?? 6
  await assert.rejects(retry(fail(), { ...options, progress }), { message: 'it failed' })
  assert.deepEqual(delays, [4000, 8000, 4000, 8000, 16_000, 4000, 8000, 16_000, 32_000])
})

test('waits as long as the archive asks for, up to three minutes', async () => {
  const { delays, options } = recorder()
  const asked = [0, 7000, 180_000, 180_001]
  const attempt = async () => fail(asked.shift())()
  await assert.rejects(retry(attempt, options), {
    message: 'it failed: it asks for a retry in 3 min, longer than the limit of 3 min',
  })
  assert.deepEqual(delays, [0, 7000, 180_000])
})

test('names a delay of more than a day without its length', async () => {
  const { options } = recorder()
  await assert.rejects(retry(fail(Infinity), options), {
    message: 'it failed: it asks for a retry in more than a day, longer than the limit of 3 min',
  })
})

test('counts an attempt as progress only if it brings the bytes that its error requires', async () => {
  const { delays, options } = recorder()
  const received = [0, 9, 19, 28, 30]
  const progress = async () => received.shift() ?? 30
  const attempt = () => Promise.reject(new TransientError('it is slow', { minProgress: 10 }))
  await assert.rejects(retry(attempt, { ...options, progress }), { message: 'it is slow' })
  assert.deepEqual(delays, [4000, 4000, 8000, 16_000, 32_000])
})

function fail(retryAfterMs?: number): () => Promise<never> {
  return () => Promise.reject(new TransientError('it failed', { retryAfterMs }))
}

function recorder() {
  const [delays, lines]: [number[], string[]] = [[], []]
  const options: RetryOptions = {
    policy: RETRY_POLICY,
    onWait: line => lines.push(line),
    sleep: async ms => delays.push(ms),
  }
  return { delays, lines, options }
}
