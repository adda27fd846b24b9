// @ts-check
// Inflates a tarball in a worker thread. The main thread returns each buffer after use, to be filled again, and the
// thread waits while `maxPending` buffers are not returned.
// This file is plain JavaScript, because tests run unbuilt sources, and Node 20 worker threads cannot load TypeScript.
import { parentPort, workerData } from 'node:worker_threads'
import { inflate } from './inflate.js'

/** @type {{ path: string, maxPending: number }} */
const { path, maxPending } = workerData
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const progress = { read: 0 }
/** @type {Buffer<ArrayBuffer>[]} */
const recycled = []
let pending = 0
let resume = () => {}
port.on('message', buffer => {
  recycled.push(Buffer.from(buffer))
  pending--
  resume()
})

try {
  for await (const chunk of inflate(path, progress, recycled)) await send(chunk)
  port.postMessage({ done: true })
} catch (error) {
  const { message, code } = /** @type {NodeJS.ErrnoException} */ (error)
  port.postMessage({ message, code })
}
port.close()

/**
 * Transfers the chunk's memory to the main thread, then waits while `maxPending` buffers are not returned.
 *
 * @param {Buffer<ArrayBuffer>} chunk
 */
async function send({ buffer, byteOffset, length }) {
  port.postMessage({ buffer, byteOffset, length, read: progress.read }, [buffer])
  pending++
  while (pending >= maxPending)
    await new Promise(resolve => {
      resume = () => resolve(undefined)
    })
}
