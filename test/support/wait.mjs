// Loaded into every process of a test: one that begins to convert a night waits while the file WAIT is there.
import { existsSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

const { mkdir } = fs

fs.mkdir = async (path, options) => {
  const made = await mkdir(path, options)
  while (String(path).includes('/_building/') && existsSync(process.env.WAIT)) await sleep(20)
  return made
}
syncBuiltinESMExports()
