// Loaded into every process of a test: one that inflates a tarball waits after its first 2 MiB while the file WAIT is there.
import fs, { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

const { createReadStream } = fs

fs.createReadStream = (path, options) => {
  const file = createReadStream(path, options)
  return String(path).endsWith('.tar.gz') ? Readable.from(waiting(file), { objectMode: false }) : file
}
syncBuiltinESMExports()

async function* waiting(chunks) {
  let given = 0
  for await (const chunk of chunks) {
    while (given >= 2 << 20 && existsSync(process.env.WAIT)) await sleep(20)
    given += chunk.length
    yield chunk
  }
}
