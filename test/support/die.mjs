// Loaded into every process of a test: the one that begins to convert the night of the stem DIE_AT is killed.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const { mkdir } = fs

fs.mkdir = (path, options) => {
  if (String(path).includes(`/_building/${process.env.DIE_AT}.`)) process.kill(process.pid, 'SIGKILL')
  return mkdir(path, options)
}
syncBuiltinESMExports()
