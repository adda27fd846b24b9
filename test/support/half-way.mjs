// Preloaded by a test: a process that inflates a tarball waits after its first 2 MiB while the file WAIT exists.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { whileHeld } from './hold.mjs'

const { open } = fs.promises

fs.promises.open = async (path, ...options) => {
  const file = await open(path, ...options)
  if (String(path).endsWith('.tar.gz')) pauseReads(file)
  return file
}
syncBuiltinESMExports()

function pauseReads(file) {
  const { read } = file
  let bytes = 0
  file.read = async (...args) => {
    if (bytes >= 2 << 20) await whileHeld()
    const result = await read.apply(file, args)
    bytes += result.bytesRead
    return result
  }
}
