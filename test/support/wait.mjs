// Preloaded by a test: a process that starts to convert a night waits while the file WAIT exists.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { whileHeld } from './hold.mjs'

const { mkdir } = fs

fs.mkdir = async (path, options) => {
  const made = await mkdir(path, options)
  if (String(path).includes('/_staging/')) await whileHeld()
  return made
}
syncBuiltinESMExports()
