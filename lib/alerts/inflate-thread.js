// @ts-check
// The thread that inflates a tarball, a few chunks ahead of the main thread, which tells when it is done with one.
// JavaScript, because under the tests, where nothing is built, a thread of Node 20 takes no TypeScript.
import { parentPort, workerData } from 'node:worker_threads'
import { inflate } from './inflate.js'

/** @type {{ path: string, ahead: number }} */
const { path, ahead } = workerData
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const gauge = { read: 0 }
let handed = 0
let wake = () => {}
port.on('message', () => {
  handed--
  wake()
})

try {
  for await (const chunk of inflate(path, gauge)) await hand(chunk)
  port.postMessage({ done: true })
} catch (error) {
  const { message, code } = /** @type {NodeJS.ErrnoException} */ (error)
  port.postMessage({ message, code })
}
port.close()

/**
 * Gives the chunk's memory away, and waits until the main thread is less than so many behind.
 *
 * @param {Buffer<ArrayBuffer>} chunk
 */
async function hand({ buffer, byteOffset, length }) {
  port.postMessage({ buffer, byteOffset, length, read: gauge.read }, [buffer])
  handed++
  while (handed >= ahead)
    await new Promise(resolve => {
      wake = () => resolve(undefined)
    })
}
