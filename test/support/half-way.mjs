// Preloaded by a test: a process that inflates a tarball waits after its first 2 MiB while the file WAIT exists.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Readable } from 'node:stream'
import { whileHeld } from './hold.mjs'

const { createReadStream } = fs

fs.createReadStream = (path, options) => {
  const file = createReadStream(path, options)
  return String(path).endsWith('.tar.gz') ? Readable.from(pausing(file), { objectMode: false }) : file
}
syncBuiltinESMExports()

async function* pausing(chunks) {
  let bytes = 0
  for await (const chunk of chunks) {
    if (bytes >= 2 << 20) await whileHeld()
    bytes += chunk.length
    yield chunk
  }
}
