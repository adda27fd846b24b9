// Loaded into every process of a test: the one that begins to convert the night of the stem DIE_AT is killed.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const { mkdtemp } = fs

fs.mkdtemp = (prefix, options) => {
  if (String(prefix).endsWith(`/_building/${process.env.DIE_AT}.`)) process.kill(process.pid, 'SIGKILL')
  return mkdtemp(prefix, options)
}
syncBuiltinESMExports()
