// @ts-check
// The thread that inflates a tarball into slots, which the main thread empties and hands back.
// JavaScript, because a thread of Node 20 takes no TypeScript.
import { parentPort, workerData } from 'node:worker_threads'
import { inflate } from './inflate.js'

/** @type {{ path: string, slots: number, slotSize: number }} */
const { path, slots, slotSize } = workerData
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const free = Array.from({ length: slots }, () => new Uint8Array(slotSize))
let wake = () => {}
port.on('message', slot => {
  free.push(slot)
  wake()
})

let slot = await freeSlot()
let length = 0
try {
  for await (const chunk of inflate(path)) await add(chunk)
  handSlot()
  port.postMessage({ done: true })
} catch (error) {
  const { message, code } = /** @type {NodeJS.ErrnoException} */ (error)
  handSlot()
  port.postMessage({ message, code })
}
port.close()

/** @param {Buffer} chunk */
async function add(chunk) {
  for (let at = 0; at < chunk.length; ) {
    const taken = Math.min(chunk.length - at, slotSize - length)
    slot.set(chunk.subarray(at, at + taken), length)
    at += taken
    length += taken
    if (length < slotSize) continue
    handSlot()
    slot = await freeSlot()
    length = 0
  }
}

async function freeSlot() {
  while (free.length === 0)
    await new Promise(resolve => {
      wake = () => resolve(undefined)
    })
  return /** @type {Uint8Array<ArrayBuffer>} */ (free.pop())
}

/** Gives the slot away: its memory is the main thread's until that hands it back. */
function handSlot() {
  port.postMessage({ slot, length }, [slot.buffer])
}
