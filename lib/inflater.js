// @ts-check
// The thread that inflates a tarball into a ring of slots, which the main thread empties and hands back.
// JavaScript, because a thread of Node 20 takes no TypeScript.
import { parentPort, workerData } from 'node:worker_threads'
import { inflate } from './inflate.js'

/** @type {{ path: string, ring: SharedArrayBuffer, slotSize: number }} */
const { path, ring, slotSize } = workerData
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const bytes = new Uint8Array(ring)
const free = Array.from({ length: bytes.length / slotSize }, (_, slot) => slot)
let wake = () => {}
port.on('message', slot => {
  free.push(slot)
  wake()
})

let slot = await freeSlot()
let filled = 0
try {
  for await (const chunk of inflate(path)) await add(chunk)
  hand({ slot, length: filled })
  hand({ done: true })
} catch (error) {
  const { message, code } = /** @type {NodeJS.ErrnoException} */ (error)
  hand({ slot, length: filled })
  hand({ message, code })
}
port.close()

/** @param {Buffer} chunk */
async function add(chunk) {
  for (let at = 0; at < chunk.length; ) {
    const length = Math.min(chunk.length - at, slotSize - filled)
    bytes.set(chunk.subarray(at, at + length), slot * slotSize + filled)
    at += length
    filled += length
    if (filled < slotSize) continue
    hand({ slot, length: filled })
    slot = await freeSlot()
    filled = 0
  }
}

async function freeSlot() {
  while (free.length === 0)
    await new Promise(resolve => {
      wake = () => resolve(undefined)
    })
  return /** @type {number} */ (free.shift())
}

/** @param {import('./gunzip.ts').Handed} message */
function hand(message) {
  port.postMessage(message)
}
